import { z } from '@hono/zod-openapi';
import { FAILURE_CODES, type FailureCode } from '../../domain/failure.ts';
import { asTuple, Instant, orNull, Step, wholeNumber } from './fields.ts';
import { Operation } from './operation.ts';

/** The reasons why an operation can wait. */
export const WAIT_REASONS = [
  'Worker',
  'PreviousOperation',
  'TenantSlot',
  'Operator',
  'UndeleteWindow',
  'Readiness',
  'Absence',
] as const;

const duration = {
  p50Seconds: z.number().openapi({ description: 'Half of the past operations were faster.' }),
  p90Seconds: z.number().openapi({ description: 'Nine of ten past operations were faster.' }),
  basedOn: z.int().openapi({ description: 'Number of past operations.' }),
};

const Expected = z
  .strictObject({
    ...duration,
    steps: z.array(z.strictObject({ step: Step, ...duration })).readonly(),
  })
  .openapi('ExpectedDuration', {
    description: 'How long the newest operations of the same kind and engine took that succeeded.',
  });

const WaitsFor = z
  .strictObject({
    reason: z.enum(WAIT_REASONS).openapi({ description: 'One word in CamelCase, for programs.' }),
    message: z.string(),
    since: Instant.nullable(),
    until: Instant.nullable().openapi({ description: 'When the wait ends at the latest. Null: it is not known.' }),
  })
  .openapi('WaitsFor');

const Queue = z
  .strictObject({
    position: z.int().openapi({ description: '1 is the operation that gets the next tenant slot.' }),
    length: z.int().openapi({ description: 'Operations of the tenant that wait for a slot.' }),
  })
  .openapi('QueuePlace');

const Retry = z
  .strictObject({
    attempt: z.int().openapi({ description: 'The attempt that runs or comes next. 2 is the first repetition.' }),
    code: z.enum(asTuple<FailureCode>(FAILURE_CODES)).nullable().openapi({
      description: 'Why the last attempt failed. Null: it gave no code, for example because its worker ended.',
    }),
    message: z.string(),
    nextAttemptAt: Instant.nullable().openapi({ description: 'Null: the attempt runs.' }),
  })
  .openapi('StepRetry');

/** An operation with its progress. Lists leave the progress out. */
export const OperationDetail = z
  .strictObject({
    ...Operation.shape,
    stepStartedAt: Instant.nullable().openapi({ description: 'When the current step started last.' }),
    queue: orNull(Queue).openapi({ description: 'Null unless `status` is `queued`.' }),
    waitsFor: orNull(WaitsFor).openapi({ description: 'Null: the operation works, or it has ended.' }),
    retry: orNull(Retry).openapi({
      description: 'The repetition of the current step. Null: its first attempt runs, or Temporal does not answer.',
    }),
    expected: orNull(Expected).openapi({ description: 'Null: too few past operations are known.' }),
  })
  .openapi('OperationDetail');
export type OperationDetail = z.output<typeof OperationDetail>;

/** Longest wait of a long poll. Common proxies end a request without a byte after a minute. */
const MAX_WAIT_SECONDS = 60;

export const GetOperationQuery = z.strictObject({
  wait: wholeNumber({ min: 0, max: MAX_WAIT_SECONDS }).default(0).openapi({
    default: 0,
    description:
      'Seconds to wait until the operation ends or changes. With `If-None-Match`: until it differs from that version. Then the response is the operation as it is.',
  }),
});
