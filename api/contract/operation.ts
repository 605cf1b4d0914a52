import { z } from '@hono/zod-openapi';
import { FAILURE_CODES, VERIFICATION_FAILURE_REASONS, type FailureCode } from '../../domain/failure.ts';
import { OPERATION_KINDS, OPERATION_STATUSES, type OperationKind as Kind } from '../../domain/operations/catalogue.ts';
import { asTuple, IdParam, Instant, orNull, Step, VolumePolicy } from './fields.ts';
import { pageQuery, Pagination } from './pagination.ts';

const Evidence = z
  .strictObject({
    object: z.string().optional().openapi({ example: 'Pod/storefront-6c9f' }),
    reason: z.enum(VERIFICATION_FAILURE_REASONS).optional().openapi({ description: 'Only for a failed verification.' }),
    step: z.string().optional().openapi({ description: 'The verification step that failed.' }),
    events: z.array(z.string()).readonly().optional(),
    logLines: z.array(z.string()).readonly().optional(),
    leftovers: z.array(z.string()).readonly().optional(),
  })
  .openapi('Evidence');

export const Failure = z
  .strictObject({
    code: z.enum(asTuple<FailureCode>(FAILURE_CODES)),
    message: z.string(),
    step: orNull(Step),
    retryable: z.boolean().openapi({ description: 'Whether a retry can succeed without any other change.' }),
    evidence: orNull(Evidence),
  })
  .openapi('Failure');

export const Operation = z
  .strictObject({
    operationId: z.uuid(),
    storeId: z.uuid(),
    kind: z.enum(asTuple<Kind>(OPERATION_KINDS)),
    status: z.enum(OPERATION_STATUSES).openapi({
      description:
        '`requested` until a workflow run takes it up, `queued` while it waits for a tenant slot, `held` while it waits for an operator.',
    }),
    step: orNull(Step).openapi({ description: 'The step that runs or ran last.' }),
    workflowId: z.string(),
    runId: z.string().nullable(),
    webUrl: z.url().openapi({ description: 'The operation in the Temporal Web UI.' }),
    requestedBy: z.string(),
    correlationId: z.string(),
    idempotencyKey: z.string().nullable(),
    failure: orNull(Failure),
    queuedSince: Instant.nullable(),
    heldUntil: Instant.nullable().openapi({ description: 'When a held operation aborts if no operator decides.' }),
    cancelRequestedAt: Instant.nullable(),
    deletePlan: z
      .strictObject({ undeleteWindowSeconds: z.int(), volumePolicy: VolumePolicy })
      .nullable()
      .openapi({ description: 'Only for a delete: how long it can be undone, and what happens to the volumes.' }),
    undeleteRequestedAt: Instant.nullable().openapi({ description: 'When the undo of a delete was accepted.' }),
    requestedAt: Instant,
    startedAt: Instant.nullable(),
    endedAt: Instant.nullable(),
  })
  .openapi('Operation');
export type Operation = z.output<typeof Operation>;

export const OperationPage = z
  .strictObject({ data: z.array(Operation).readonly(), pagination: Pagination })
  .openapi('OperationPage');

export const ListOperationsQuery = z.strictObject(pageQuery({ maxLimit: 100, limit: 20 }));

export const OperationIdParams = z.object({
  id: IdParam.openapi({ param: { name: 'id', in: 'path' }, example: '2f6d1a0e-4b0c-5d0a-9c41-7a3a1f1f7f10' }),
});
