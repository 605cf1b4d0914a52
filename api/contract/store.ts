import { z } from '@hono/zod-openapi';
import { VERIFICATION_FAILURE_REASONS } from '../../domain/failure.ts';
import { hasVisibleCharacter, isPrintableName, MAX_NAME_LENGTH } from '../../domain/store/name.ts';
import { ACTIONS } from '../../domain/store/actions.ts';
import { CONDITION_STATUSES, CONDITION_TYPES, type ConditionType } from '../../domain/store/conditions.ts';
import { STORE_SORTS } from '../../domain/store/list-order.ts';
import { FAILURE_POLICIES, STORE_STATUSES } from '../../domain/store/status.ts';
import {
  asTuple,
  ClusterLabels,
  ClusterName,
  EngineName,
  EntityTags,
  IdParam,
  Instant,
  MAX_KEPT_DAYS,
  orNull,
  VolumePolicy,
  wholeNumber,
} from './fields.ts';
import { Failure, Operation } from './operation.ts';
import { CountParam, CursorPagination, pageQuery } from './pagination.ts';
import { StoreCursorParam } from './store-cursor.ts';

/** Name of a store. The charts accept every name that this schema returns. */
export const StoreName = z
  .string()
  .trim()
  .normalize('NFC')
  .refine(hasVisibleCharacter, { error: 'must have a visible character', abort: true })
  .refine((value) => Array.from(value).length <= MAX_NAME_LENGTH, `must have at most ${MAX_NAME_LENGTH} characters`)
  .refine(isPrintableName, 'must have printable characters only')
  .openapi({
    minLength: 1,
    maxLength: MAX_NAME_LENGTH,
    example: 'Acme Shoes',
    description: 'Printable characters. White space at both ends is removed.',
  });

/** A month. A backup is the right tool for longer times. */
export const MAX_UNDELETE_WINDOW_SECONDS = 2_592_000;

export const CreateStoreBody = z
  .strictObject({
    name: StoreName,
    engine: EngineName,
    onFailure: z.enum(FAILURE_POLICIES).optional().openapi({
      default: 'cleanup',
      description:
        '`cleanup`: when a step has failed and its retries are used up, the provision undoes its steps. `hold`: it waits for an operator at this step.',
    }),
    volumePolicy: VolumePolicy.optional(),
    placement: z
      .strictObject({
        labels: ClusterLabels.openapi({ description: 'Labels that the cluster of the store must have.' }),
      })
      .optional()
      .openapi({
        description:
          'Restricts the clusters in which the store may be placed. Of those that are left, the one with the most free places gets it.',
      }),
  })
  .openapi('CreateStore');
export type CreateStoreBody = z.output<typeof CreateStoreBody>;

export const CreateStoreHeaders = z.object({
  'Idempotency-Key': z
    .string()
    // The specification makes the header a structured-field string. Most clients send it bare.
    .transform((value) => /^"(.*)"$/.exec(value)?.[1] ?? value)
    .refine((value) => /^[\x20-\x7e]{1,255}$/.test(value), 'must have 1 to 255 printable ASCII characters')
    .openapi({ minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]{1,255}$', example: 'order-42' }),
});

/** A header of requests that change a store. */
export const ChangeStoreHeaders = z.object({
  'If-Match': EntityTags.optional().openapi({
    example: '"R4yKj0m3cP1n2ZsT9bXw5Q"',
    description: 'Changes the store only if its `ETag` is one of these. Otherwise the response is 412.',
  }),
});

export const DeleteStoreQuery = z
  .strictObject({
    undeleteWindowSeconds: wholeNumber({ min: 0, max: MAX_UNDELETE_WINDOW_SECONDS }).optional().openapi({
      description:
        'Seconds in which the delete can be undone before data is lost. The default is the setting UNDELETE_WINDOW_SECONDS.',
    }),
    volumePolicy: z
      .enum(['delete', 'keep'])
      .optional()
      .openapi({ description: 'Replaces the volume policy of the store.' }),
    keepVolumesForDays: wholeNumber({ min: 1, max: MAX_KEPT_DAYS })
      .optional()
      .openapi({ description: 'Keeps the volumes for this many days. Excludes `volumePolicy`.' }),
  })
  .refine((query) => query.volumePolicy === undefined || query.keepVolumesForDays === undefined, {
    path: ['keepVolumesForDays'],
    message: 'cannot be combined with volumePolicy: send one of them',
  });
export type DeleteStoreQuery = z.output<typeof DeleteStoreQuery>;

const Overrides = z.record(z.string(), z.unknown());

export const ContinueStoreBody = z
  .strictObject({
    overrides: Overrides.optional().openapi({
      example: { image: { tag: '1.2.3' } },
      description:
        "Chart values to change for this store: images, resources and storage, nested as in the chart's values file. The store keeps them. A JSON merge patch (RFC 7396): null unsets a field or an object, so that the value of the platform applies again.",
    }),
  })
  .openapi('ContinueStore');

export const StoreIdParams = z.object({
  id: IdParam.openapi({ param: { name: 'id', in: 'path' }, example: '8b6d4f0e-6c3b-5d0a-9c41-2f3a1f1f7f10' }),
});

const ListedStatus = z.enum(STORE_STATUSES);

export const ListStoresQuery = z
  .strictObject({
    ...pageQuery({ maxLimit: 100, limit: 20 }),
    cursor: StoreCursorParam.optional(),
    status: z
      .union([ListedStatus, z.array(ListedStatus).readonly()])
      .optional()
      .openapi({
        type: 'array',
        items: { type: 'string', enum: [...STORE_STATUSES] },
        description: 'Send it once for each status. Deleted stores are listed only with `status=deleted`.',
      }),
    engine: EngineName.optional(),
    name: z
      .string()
      .min(1, 'must have 1 to 63 characters')
      .max(MAX_NAME_LENGTH, 'must have 1 to 63 characters')
      // oxlint-disable-next-line no-control-regex -- Postgres rejects NUL, and no name has a control character
      .regex(/^[^\x00-\x1f\x7f]*$/, 'must not have control characters')
      .optional()
      .openapi({ description: 'Only stores whose name contains this text, without regard to case.' }),
    createdFrom: Instant.optional().openapi({ description: 'Only stores that were created at this time or later.' }),
    createdBefore: Instant.optional().openapi({ description: 'Only stores that were created before this time.' }),
    sort: z
      .enum(STORE_SORTS)
      .optional()
      .openapi({ default: '-createdAt', description: 'A minus means descending. A cursor contains the order.' }),
    count: CountParam,
  })
  .refine(({ cursor, offset }) => cursor === undefined || offset === 0, {
    path: ['offset'],
    message: 'cannot be combined with cursor: send one of them',
  })
  .refine(({ cursor, sort }) => cursor === undefined || sort === undefined || sort === cursor.sort, {
    path: ['sort'],
    message: 'differs from the order of the cursor: leave it out',
  });

export const Actions = z.array(z.enum(ACTIONS)).readonly();

const Verification = z.union([
  z.strictObject({ outcome: z.literal('skipped'), reason: z.string(), at: Instant }),
  z.strictObject({
    outcome: z.literal('passed'),
    at: Instant,
    order: z
      .strictObject({ number: z.string(), total: z.string().openapi({ example: '25.00 EUR' }) })
      .openapi({ description: 'The verification order. It was cancelled afterwards.' }),
    steps: z.array(z.strictObject({ step: z.string(), durationMs: z.int() })).readonly(),
  }),
]);

const Drift = z.strictObject({
  since: Instant,
  objects: z
    .array(
      z.strictObject({
        object: z.string().openapi({ example: 'Deployment/storefront' }),
        state: z.enum(['changed', 'missing']),
        fields: z
          .array(z.string())
          .readonly()
          .openapi({ example: ['spec.replicas'] }),
        needsPerson: z
          .string()
          .nullable()
          .openapi({ description: 'Why the platform does not repair the object by itself.' }),
      }),
    )
    .readonly(),
});

const Condition = z
  .strictObject({
    type: z.enum(asTuple<ConditionType>(CONDITION_TYPES)),
    status: z.enum(CONDITION_STATUSES).openapi({
      description: '`True`: the condition holds. `False`: it held before.',
    }),
    reason: z.string().openapi({ example: 'Unschedulable', description: 'One word in CamelCase, for programs.' }),
    message: z.string(),
    lastTransitionTime: Instant.openapi({ description: 'When `status` changed last.' }),
  })
  .openapi('StoreCondition');

export const Store = z
  .strictObject({
    storeId: z.uuid(),
    name: z.string(),
    engine: EngineName,
    cluster: ClusterName.openapi({ description: 'Cluster that the store is in. It never changes.' }),
    status: z.enum(STORE_STATUSES),
    slug: z.string().openapi({ description: 'Name of the store in host names and Kubernetes objects.' }),
    namespace: z.string(),
    releaseName: z.string(),
    chartVersion: z.string(),
    servesTraffic: z.boolean().openapi({
      description: 'Whether the pods of the store run. On simulated nodes they do not, even if the store is `ready`.',
    }),
    servesTrafficReason: z
      .string()
      .nullable()
      .openapi({ description: 'Why the store serves no traffic. Null: it serves traffic.' }),
    verification: Verification.nullable(),
    lastVerifiedAt: Instant.nullable().openapi({
      description: 'When a verification order, or the hourly verification that stops before the order, last passed.',
    }),
    degraded: z
      .strictObject({
        since: Instant,
        step: z.string(),
        reason: z.enum(VERIFICATION_FAILURE_REASONS),
        message: z.string(),
      })
      .nullable()
      .openapi({ description: 'Why the verification of a ready store fails.' }),
    urls: z.strictObject({ storefront: z.url().nullable(), admin: z.url().nullable() }),
    operation: orNull(Operation).openapi({
      description: 'The operation that runs or waits for its run. In a 202 response: the operation that was accepted.',
    }),
    failure: orNull(Failure).openapi({ description: 'Why the store is `failed` or `held`.' }),
    onFailure: z.enum(FAILURE_POLICIES),
    overrides: Overrides.nullable().openapi({ description: 'Chart values that operators changed for this store.' }),
    volumePolicy: VolumePolicy,
    undeleteUntil: Instant.nullable().openapi({ description: 'Until when the delete can be undone.' }),
    allowedActions: Actions.openapi({
      description: 'The actions that the state of the store allows. Each is a request of the same name.',
    }),
    drift: Drift.nullable().openapi({ description: 'How a ready store differs from its release.' }),
    conditions: z.array(Condition).readonly().openapi({
      description: 'States that the status does not show, at most one of each type. Most stores have none.',
    }),
    createdAt: Instant,
    updatedAt: Instant,
    readyAt: Instant.nullable(),
    deletedAt: Instant.nullable(),
  })
  .openapi('Store');
export type Store = z.output<typeof Store>;

export const StorePage = z
  .strictObject({ data: z.array(Store).readonly(), pagination: CursorPagination })
  .openapi('StorePage');
