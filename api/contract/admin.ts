import { z } from '@hono/zod-openapi';
import { UNACCOUNTED_DECISIONS } from '../../domain/unaccounted.ts';
import { ClusterName, EngineName, Instant } from './fields.ts';
import { pageQuery, Pagination } from './pagination.ts';

/** Resources for operators: decisions that only a person may take. */

export const ListUnaccountedQuery = z.strictObject(pageQuery({ maxLimit: 500, limit: 100 }));

export const NamespaceParam = z.strictObject({
  namespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    .openapi({ param: { name: 'namespace', in: 'path' }, example: 'store-acme-shoes-1a2b3c4d5e6f' }),
});

export const Unaccounted = z
  .strictObject({
    cluster: ClusterName,
    namespace: z.string(),
    storeId: z.string(),
    tenantId: z.string(),
    name: z.string(),
    engine: EngineName,
    evidence: z
      .strictObject({
        readySince: Instant.nullable().openapi({ description: 'When the store became ready. Null: not known.' }),
        boundClaims: z.array(z.string()).readonly(),
        readyPods: z.array(z.string()).readonly(),
      })
      .openapi({ description: 'Why the namespace may hold data, as of the last pass of the reconciler.' }),
    firstSeen: Instant,
    lastSeen: Instant,
    decision: z.enum(UNACCOUNTED_DECISIONS).nullable().openapi({ description: 'Null: no operator has decided yet.' }),
    decidedAt: Instant.nullable(),
    adoptedAt: Instant.nullable().openapi({ description: 'When the store got a record again. Null: it has none yet.' }),
    problem: z.string().nullable().openapi({
      description:
        'Why the decision could not be carried out. Remove the cause, take another decision, then this one again.',
    }),
  })
  .openapi('Unaccounted');
export type Unaccounted = z.output<typeof Unaccounted>;

export const UnaccountedPage = z
  .strictObject({ data: z.array(Unaccounted).readonly(), pagination: Pagination })
  .openapi('UnaccountedPage');

export const Removals = z
  .strictObject({
    state: z.enum(['active', 'paused', 'resuming']).openapi({
      description:
        '`paused`: the reconciler removes nothing. `resuming`: the next pass of the reconciler ends the pause.',
    }),
    reason: z.string().nullable(),
    since: Instant.nullable(),
  })
  .openapi('Removals');
export type Removals = z.output<typeof Removals>;
