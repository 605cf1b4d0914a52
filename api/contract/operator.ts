import { z } from '@hono/zod-openapi';
import { DEFAULT_CLUSTER } from '../../domain/names.ts';
import { SCHEDULE_NAMES } from '../../domain/ports/schedules.ts';
import { ClusterName, Instant } from './fields.ts';
import { Operation } from './operation.ts';
import { CursorPagination, pageQuery, Pagination } from './pagination.ts';
import { ListStoresQuery, Store } from './store.ts';

/** Resources for operators: the stores, operations and schedules of the whole installation. */

const TenantId = z.string().regex(/^[\x20-\x7e]{1,100}$/, 'must have 1 to 100 printable ASCII characters');
export const TenantFilter = TenantId.optional().openapi({
  description: 'Only entries of this tenant.',
  example: 'acme',
});

const ClusterFilter = ClusterName.optional().openapi({ description: 'Only entries of stores in this cluster.' });

export const ListAllStoresQuery = ListStoresQuery.safeExtend({ tenantId: TenantFilter, cluster: ClusterFilter });

export const TenantStore = z.strictObject({ tenantId: z.string(), ...Store.shape }).openapi('TenantStore');

export const TenantStorePage = z
  .strictObject({ data: z.array(TenantStore).readonly(), pagination: CursorPagination })
  .openapi('TenantStorePage');

const OPEN_STATUSES = ['requested', 'running', 'queued', 'held'] as const;

export const ListOpenOperationsQuery = z.strictObject({
  ...pageQuery({ maxLimit: 100, limit: 20 }),
  status: z.enum(OPEN_STATUSES),
  tenantId: TenantFilter,
  cluster: ClusterFilter,
});

export const TenantOperation = z.strictObject({ tenantId: z.string(), ...Operation.shape }).openapi('TenantOperation');

export const TenantOperationPage = z
  .strictObject({ data: z.array(TenantOperation).readonly(), pagination: Pagination })
  .openapi('TenantOperationPage');

export const ScheduleParam = z.object({
  name: z.enum(SCHEDULE_NAMES).openapi({ param: { name: 'name', in: 'path' }, example: 'reconcile-cluster' }),
});

export const ScheduleQuery = z.strictObject({
  cluster: ClusterName.default(DEFAULT_CLUSTER).openapi({
    description: 'Cluster of the schedule. It has no effect on a schedule of the whole installation.',
  }),
});

export const PauseScheduleBody = z
  .strictObject({
    reason: z.string().trim().min(1).max(200).optional().openapi({
      example: 'restore of the database',
      description: 'Why the schedule is paused. It appears in `note`.',
    }),
  })
  .openapi('PauseSchedule');

export const Schedule = z
  .strictObject({
    name: z.enum(SCHEDULE_NAMES),
    cluster: ClusterName.nullable().openapi({ description: 'Null: the schedule is one of the whole installation.' }),
    isPaused: z.boolean(),
    note: z.string().nullable().openapi({
      description:
        'The actor that paused or resumed the schedule last, and the reason of a pause. Null: it was never paused.',
    }),
    intervalSeconds: z.number().nullable(),
    lastRunAt: Instant.nullable(),
    nextRunAt: Instant.nullable().openapi({ description: 'Null: the schedule is paused.' }),
    isRunning: z.boolean().openapi({ description: 'Whether a run of the schedule is open.' }),
  })
  .openapi('Schedule');
export type Schedule = z.output<typeof Schedule>;

export const ScheduleList = z.strictObject({ data: z.array(Schedule).readonly() }).openapi('ScheduleList');
