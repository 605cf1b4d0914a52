import { assertNever } from '../../domain/assert-never.ts';
import type { OperationProgress, OperationRecord } from '../../db/index.ts';
import type { StepRetry } from '../../domain/ports/store-operations.ts';
import type { OperationDetail } from '../contract/operation-detail.ts';
import { toOperation, type WebUi } from '../stores/present.ts';

/** The operation with its progress, as callers see it. */
export function toOperationDetail(
  operation: OperationRecord,
  {
    progress,
    retry,
    expected,
    webUi,
  }: {
    readonly progress: OperationProgress;
    readonly retry: StepRetry | null;
    readonly expected: OperationDetail['expected'];
    readonly webUi: WebUi;
  },
): OperationDetail {
  const hasEnded = operation.endedAt !== null;
  return {
    ...toOperation(operation, webUi),
    stepStartedAt: hasEnded ? null : (progress.stepStartedAt?.toISOString() ?? null),
    queue: progress.queue,
    waitsFor: hasEnded ? null : waitsFor(operation, progress),
    retry: retry === null ? null : retryOf(retry),
    expected,
  };
}

function retryOf({ attempt, lastFailure, nextAttemptAt }: StepRetry): OperationDetail['retry'] {
  return { attempt, ...lastFailure, nextAttemptAt: nextAttemptAt?.toISOString() ?? null };
}

type WaitsFor = NonNullable<OperationDetail['waitsFor']>;

function waitsFor(operation: OperationRecord, progress: OperationProgress): OperationDetail['waitsFor'] {
  const { status, requestedAt, queuedSince, heldUntil, failureMessage } = operation;
  switch (status) {
    case 'requested':
      return progress.waitsForOperation
        ? wait('PreviousOperation', 'Another operation of the store has not ended', requestedAt)
        : wait('Worker', 'No worker has started the operation yet', requestedAt);
    case 'queued':
      return wait('TenantSlot', 'The tenant has no free slot for the operation', queuedSince);
    case 'held':
      return wait('Operator', `An operator must decide: ${failureMessage ?? 'a step failed'}`, null, heldUntil);
    case 'running':
      return stepWait(operation, progress);
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'superseded':
      return null;
    default:
      return assertNever(status);
  }
}

function stepWait(operation: OperationRecord, { stepStartedAt, conditions }: OperationProgress): WaitsFor | null {
  const { step, undeleteUntil } = operation;
  if (step === 'undelete-window') {
    return wait('UndeleteWindow', 'The delete can still be undone', stepStartedAt, undeleteUntil);
  }
  if (step === 'await-ready') {
    const delay = conditions.find(({ type, status }) => type === 'ReadinessDelayed' && status === 'True');
    return wait('Readiness', delay?.message ?? 'The workloads of the store are starting', stepStartedAt);
  }
  if (step === 'await-absence') {
    return wait('Absence', 'The cluster is deleting the objects of the store', stepStartedAt);
  }
  return null;
}

function wait(reason: WaitsFor['reason'], message: string, since: Date | null, until: Date | null = null): WaitsFor {
  return { reason, message, since: since?.toISOString() ?? null, until: until?.toISOString() ?? null };
}
