import { z } from '@hono/zod-openapi';
import { ENGINES } from '../../domain/engines/index.ts';
import { FAILURE_CODES, type FailureCode, VERIFICATION_FAILURE_REASONS } from '../../domain/failure.ts';
import { ACTIONS } from '../../domain/store/actions.ts';
import {
  DELETE_STEPS,
  FAILURE_POLICIES,
  OPERATION_KINDS,
  PROVISION_STEPS,
  STORE_STATUSES,
} from '../../domain/store/status.ts';
import { ORPHAN_KINDS } from '../../domain/orphans.ts';
import { EVENT_TYPES } from '../../domain/store/store.ts';
import { PROBLEM_CODES, type ProblemCode } from '../problems/problem.ts';

const MAX_NAME_LENGTH = 63;

/** Printable characters. The two joiners print nothing, but scripts and emoji are spelt with them. */
const PRINTABLE = /^(?:[^\p{C}\p{Z}]|\u0020|\u3000|\u200c|\u200d)*$/u;
const VISIBLE = /[^\p{C}\p{Z}]/u;

const name = z
  .string()
  .trim()
  .normalize('NFC')
  .refine((value) => VISIBLE.test(value), { error: 'must have a visible character', abort: true })
  .refine((value) => Array.from(value).length <= MAX_NAME_LENGTH, `must have at most ${MAX_NAME_LENGTH} characters`)
  .refine((value) => PRINTABLE.test(value), 'must have printable characters only')
  .openapi({
    minLength: 1,
    maxLength: MAX_NAME_LENGTH,
    example: 'Acme Shoes',
    description: 'Printable characters; white space around them is dropped.',
  });

const MAX_DAYS = 3_650;
/** A month: longer than that is a back-up's business. */
export const MAX_UNDELETE_SECONDS = 2_592_000;

const VolumePolicy = z
  .union([z.enum(['delete', 'keep']), z.strictObject({ keepForDays: z.int().min(1).max(MAX_DAYS) })], {
    error: `must be "delete", "keep" or {"keepForDays": a whole number from 1 to ${MAX_DAYS}}`,
  })
  .openapi('VolumePolicy', {
    description:
      'What becomes of the volumes of a store that is deleted: they go, they stay, or they go some days later.',
  });

export const CreateStoreBody = z
  .strictObject({
    name,
    engine: z.enum(ENGINES).openapi({ example: 'woocommerce' }),
    onFailure: z.enum(FAILURE_POLICIES).optional().openapi({
      default: 'cleanup',
      description:
        '`hold`: when a step fails for good, the provision waits there for an operator instead of being undone.',
    }),
    volumePolicy: VolumePolicy.optional(),
  })
  .openapi('CreateStore');
export type CreateStoreBody = z.output<typeof CreateStoreBody>;

export const CreateStoreHeaders = z.object({
  'Idempotency-Key': z
    .string()
    // The header is a structured-field string where it is specified; most clients send it bare.
    .transform((value) => /^"(.*)"$/.exec(value)?.[1] ?? value)
    .refine((value) => /^[\x20-\x7e]{1,255}$/.test(value), 'must have 1 to 255 printable ASCII characters')
    .openapi({ minLength: 1, maxLength: 255, example: 'order-42' }),
});

export const DeleteStoreBody = z
  .strictObject({
    undeleteWindowSeconds: z.int().min(0).max(MAX_UNDELETE_SECONDS).optional().openapi({
      description:
        'For how long the store can be brought back before anything is lost. The default is set by the operator.',
    }),
    volumePolicy: VolumePolicy.optional(),
  })
  .openapi('DeleteStore');
export type DeleteStoreBody = z.output<typeof DeleteStoreBody>;

const Overrides = z.record(z.string(), z.unknown());

export const ContinueStoreBody = z
  .strictObject({
    overrides: Overrides.optional().openapi({
      example: { image: { tag: '1.2.3' } },
      description:
        "A change of the chart's values for this store: images, resources and storage, nested as in the chart's values file. It stays with the store.",
    }),
  })
  .openapi('ResumeStore');
export type ContinueStoreBody = z.output<typeof ContinueStoreBody>;

export const StoreIdParams = z.object({
  id: z.uuid().openapi({ param: { name: 'id', in: 'path' }, example: '8b6d4f0e-6c3b-5d0a-9c41-2f3a1f1f7f10' }),
});

function wholeNumber(limits: { readonly min: number; readonly max: number; readonly fallback: number }) {
  const message = `must be a whole number from ${limits.min} to ${limits.max}`;
  return z
    .string(message)
    .regex(/^\d{1,10}$/, message)
    .transform(Number)
    .refine((value) => value >= limits.min && value <= limits.max, message)
    .default(limits.fallback)
    .openapi({ type: 'integer', minimum: limits.min, maximum: limits.max, default: limits.fallback });
}

export const ListStoresQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 100, fallback: 20 }),
  offset: wholeNumber({ min: 0, max: 2_147_483_647, fallback: 0 }),
  status: z.enum(STORE_STATUSES).optional().openapi({ description: 'Without it, deleted stores are left out.' }),
  engine: z.enum(ENGINES).optional(),
});

const Actions = z.array(z.enum(ACTIONS)).readonly();
const Step = z.enum([...PROVISION_STEPS, ...DELETE_STEPS]).openapi('Step');
const Instant = z.iso.datetime().openapi({ example: '2026-01-31T12:00:00.000Z' });

const Operation = z
  .strictObject({
    kind: z.enum(OPERATION_KINDS),
    workflowId: z.string(),
    runId: z.string().nullable(),
    step: Step.nullable(),
    since: Instant,
    webUrl: z.url().openapi({ description: 'The operation in the Temporal Web UI.' }),
  })
  .openapi('Operation');

const Evidence = z.strictObject({
  object: z.string().optional(),
  reason: z.enum(VERIFICATION_FAILURE_REASONS).optional(),
  step: z.string().optional(),
  events: z.array(z.string()).readonly().optional(),
  logLines: z.array(z.string()).readonly().optional(),
  leftovers: z.array(z.string()).readonly().optional(),
});

const Failure = z.strictObject({
  code: z.enum(asTuple<FailureCode>(FAILURE_CODES)),
  message: z.string(),
  step: Step.nullable(),
  retryable: z.boolean().openapi({ description: 'Whether a retry can help without changing anything else first.' }),
  evidence: Evidence.nullable(),
});

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
        needsPerson: z.string().nullable().openapi({ description: 'Why it is not put right by itself.' }),
      }),
    )
    .readonly(),
});

export const Store = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    engine: z.enum(ENGINES),
    status: z.enum(STORE_STATUSES),
    namespace: z.string(),
    release: z.string(),
    chartVersion: z.string(),
    nodes: z.enum(['real', 'simulated', 'unknown']).openapi({
      description: 'On simulated nodes nothing is served, even by a store that is `ready`.',
    }),
    verification: z
      .union([
        z.strictObject({ outcome: z.literal('skipped'), reason: z.string(), at: Instant }),
        z.strictObject({
          outcome: z.literal('passed'),
          at: Instant,
          order: z
            .strictObject({ number: z.string(), total: z.string().openapi({ example: '25.00 EUR' }) })
            .openapi({ description: 'The order that proved it. It was taken back.' }),
          steps: z.array(z.strictObject({ step: z.string(), durationMs: z.int() })).readonly(),
        }),
      ])
      .nullable(),
    lastVerifiedAt: Instant.nullable().openapi({
      description: 'When an order, or the hourly check that stops before the order, last went through.',
    }),
    degraded: z
      .strictObject({ since: Instant, step: z.string(), message: z.string() })
      .nullable()
      .openapi({ description: 'Why a ready store was found not to sell.' }),
    urls: z.strictObject({ storefront: z.url().nullable(), admin: z.url().nullable() }),
    operation: Operation.nullable().openapi({ description: 'The running operation.' }),
    failure: Failure.nullable(),
    onFailure: z.enum(FAILURE_POLICIES),
    overrides: Overrides.nullable().openapi({ description: "What operators changed of the chart's values." }),
    heldUntil: Instant.nullable().openapi({ description: 'When a held provision is undone if nobody decides.' }),
    volumePolicy: VolumePolicy,
    undeleteUntil: Instant.nullable().openapi({ description: 'Until when the delete can be taken back.' }),
    allowedActions: Actions.openapi({
      description: 'What can be asked of the store now: each is a request of the same name.',
    }),
    drift: Drift.nullable().openapi({ description: 'What of a ready store differs from what was installed.' }),
    createdAt: Instant,
    updatedAt: Instant,
    readyAt: Instant.nullable(),
    deletedAt: Instant.nullable(),
  })
  .openapi('Store');

export const StorePage = z
  .strictObject({
    data: z.array(Store).readonly(),
    pagination: z.strictObject({ limit: z.int(), offset: z.int(), total: z.int() }),
  })
  .openapi('StorePage');

export const StoreEvents = z
  .strictObject({
    data: z
      .array(
        z
          .strictObject({
            seq: z.int().openapi({ description: 'Starts at 1 and has no gaps.' }),
            type: z.enum(EVENT_TYPES),
            step: Step.nullable(),
            status: z.enum(STORE_STATUSES),
            message: z.string(),
            data: z.record(z.string(), z.unknown()).readonly(),
            correlationId: z.string().nullable(),
            at: Instant,
          })
          .openapi('StoreEvent'),
      )
      .readonly(),
  })
  .openapi('StoreEvents');

export const ListOrphansQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 500, fallback: 100 }),
  offset: wholeNumber({ min: 0, max: 2_147_483_647, fallback: 0 }),
});

export const OrphanPage = z
  .strictObject({
    data: z
      .array(
        z
          .strictObject({
            kind: z.enum(ORPHAN_KINDS),
            name: z.string(),
            namespace: z.string().nullable(),
            storeId: z.string().nullable().openapi({ description: 'The store it says it belongs to.' }),
            reason: z.string(),
            firstSeen: Instant,
            removableAfter: Instant.nullable().openapi({ description: 'Null: it is never removed by itself.' }),
          })
          .openapi('Orphan'),
      )
      .readonly(),
    removal: z.strictObject({ due: z.int(), limit: z.int(), isHeldBack: z.boolean() }).openapi({
      description: 'When more orphans than `limit` are due at once, none is removed: a person has to look.',
    }),
    pagination: z.strictObject({ limit: z.int(), offset: z.int(), total: z.int() }),
  })
  .openapi('OrphanPage');

export const ProblemDetails = z
  .strictObject({
    type: z.string().openapi({ example: '/problems/invalid-request' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(asTuple<ProblemCode>(PROBLEM_CODES)),
    instance: z.string(),
    correlationId: z.string(),
    errors: z
      .array(
        z.strictObject({ in: z.enum(['body', 'query', 'header', 'path']), pointer: z.string(), detail: z.string() }),
      )
      .optional(),
    operation: Operation.nullable().optional(),
    allowedActions: Actions.optional(),
    limit: z.int().optional(),
    live: z.int().optional(),
    checks: z.record(z.string(), z.string()).optional(),
  })
  .openapi('Problem');

/** A list that is known to have members, as `z.enum` wants to see it. */
function asTuple<T extends string>(values: readonly T[]): readonly [T, ...T[]] {
  const [first, ...rest] = values;
  if (first === undefined) throw new Error('the list is empty');
  return [first, ...rest];
}
