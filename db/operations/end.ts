import { assertNever } from '../../domain/assert-never.ts';
import { operationSpec } from '../../domain/operations/catalogue.ts';
import type { StoreStatus } from '../../domain/store/status.ts';
import type { Verification } from '../../domain/store/store.ts';
import type { Transaction } from '../connection/open-db.ts';
import { endConditions } from '../stores/conditions.ts';
import { appendEvents, hasEvent, type EventDraft } from '../stores/events.ts';
import type { StoreRecord } from '../stores/record.ts';
import { invalidState, transitionStore, type StoreColumns } from '../stores/transition.ts';
import { failureColumns, updateOperation, type OperationColumns } from '../stores/operations.ts';
import { decrementQuota } from '../stores/tenant-quota.ts';
import { adoptOperation } from './adopt.ts';
import { contextOf, lockStoreOf, runKey, runRelation, unendedOperation } from './run.ts';
import { noteEnd, noteStep } from './observed-writes.ts';
import { stepCompleted, stepFailed, undoEvents } from './step-events.ts';
import { grantSlots, nextInQueueOf, type SlotLimits } from './tenant-slots.ts';
import type { EndOperationInput, OperationRun } from '../../domain/operations/inputs.ts';
import type { EndOperationResult, OperationOutcome } from '../../domain/operations/outcomes.ts';

/**
 * Ends the operation of a run. Writes status, outcome, events and quota in one transaction, once per run. The slot of
 * the operation goes to the operation of the tenant that was queued longest.
 *
 * If a cancel was accepted before, a store does not become ready: nothing is written and the result says `cancel`. The
 * run cannot decide this by itself. If it was interrupted after the write and received the cancel then, it would undo a
 * store that is recorded as ready.
 *
 * @throws StoreError STORE_NOT_FOUND
 * @throws StoreError INVALID_STATE when another run is the current one, or the status does not allow the outcome.
 */
export async function endOperation(
  tx: Transaction,
  input: EndOperationInput,
  limits: SlotLimits,
): Promise<EndOperationResult> {
  const { run, outcome } = input;
  const { now } = limits;
  const found = await lockStoreOf(tx, input);
  if (await hasEvent(tx, found.id, endedKey(run))) return resultOf(tx, found, run, limits);
  const relation = await runRelation(tx, found, run);
  if (relation === 'past' || unendedOperation(found, run) === null)
    throw invalidState(found.id, `has no ${run.kind} for run ${run.runId} to end`);
  // A run ends its hold before it ends the operation. A new run ends the hold when it adopts the operation.
  if (relation === 'current' && found.status === 'held') throw invalidState(found.id, 'is held');
  if (outcome.kind === 'ready' && found.operation.cancelRequestedAt !== null) return { next: 'cancel' };
  const record = relation === 'new' ? await adoptOperation(tx, found, input, { now }) : found;

  await endConditions(tx, record, contextOf(input, record.operation, now));
  const written = await appendEvents(tx, contextOf(input, record.operation, now), endEvents(input, record.status));
  noteStep(tx, input, { completed: 'completed' in outcome ? outcome.completed : null, written });
  noteEnd(tx, record, input, now);
  await updateOperation(tx, record.operation, operationColumns(outcome, now));
  const set = storeColumns(outcome, run, now);
  await transitionStore(tx, { storeId: record.id, to: outcome.kind, set, now });
  if (outcome.kind === 'deleted') await decrementQuota(tx, record, now);
  return resultOf(tx, record, run, limits);
}

/** Also gives the slot of the operation to the queue. */
async function resultOf(
  tx: Transaction,
  record: StoreRecord,
  run: OperationRun,
  limits: SlotLimits,
): Promise<EndOperationResult> {
  const next = nextOf(record, run);
  if (!operationSpec(run.kind).needsTenantSlot) return { next };
  return { next, ...nextInQueueOf(await grantSlots(tx, record, limits)) };
}

function endedKey(run: OperationRun): string {
  return `${runKey(run)}/ended`;
}

function nextOf(record: StoreRecord, run: OperationRun): EndOperationResult['next'] {
  return run.kind !== 'delete' && record.deleteRequestedAt !== null ? 'delete' : null;
}

function operationColumns(outcome: OperationOutcome, now: Date): OperationColumns {
  const ended = { endedAt: now, cancelRequestedAt: null };
  switch (outcome.kind) {
    case 'ready':
    case 'deleted':
      return { ...ended, status: 'succeeded', step: null };
    case 'failed':
      return { ...ended, status: 'failed', ...failureColumns(outcome.failure) };
    case 'cancelled':
      return { ...ended, status: 'cancelled' };
    default:
      return assertNever(outcome);
  }
}

function storeColumns(outcome: OperationOutcome, run: OperationRun, now: Date): StoreColumns {
  switch (outcome.kind) {
    case 'ready':
      return { ...verifiedColumns(outcome.verification), readyAt: now };
    case 'failed':
      // A delete that failed is no longer requested: a DELETE or a retry requests it again.
      return run.kind === 'delete' ? { deleteRequestedAt: null } : {};
    case 'cancelled':
      return {};
    case 'deleted':
      return { deletedAt: now };
    default:
      return assertNever(outcome);
  }
}

function verifiedColumns(verification: Verification): StoreColumns {
  const found = { verification, degradedSince: null, degradedCause: null };
  return verification.outcome === 'passed' ? { ...found, lastVerifiedAt: new Date(verification.at) } : found;
}

/** Returns the events of the run with the status before the end, then the one event with the new status. */
function endEvents({ run, outcome }: EndOperationInput, before: StoreStatus): EventDraft[] {
  const last = { dedupeKey: endedKey(run), status: outcome.kind };
  switch (outcome.kind) {
    case 'ready':
      return [
        stepCompleted(run, outcome.completed, before),
        { ...last, type: 'store.ready', message: 'The store is ready', data: { verification: outcome.verification } },
      ];
    case 'failed':
      return [
        ...stepFailed(run, outcome.failure, before),
        ...undoEvents(run, outcome.undo, before),
        { ...last, ...storeFailed(run, outcome) },
      ];
    case 'cancelled': {
      const { step, undo } = outcome;
      return [
        ...undoEvents(run, undo, before),
        { ...last, type: 'store.cancelled', message: `The ${run.kind} was cancelled`, step, data: { undo } },
      ];
    }
    case 'deleted':
      return [
        stepCompleted(run, outcome.completed, before),
        { ...last, type: 'store.deleted', message: 'The store is deleted', data: { receipt: outcome.receipt } },
      ];
    default:
      return assertNever(outcome);
  }
}

function storeFailed(
  run: OperationRun,
  { failure, undo }: Extract<OperationOutcome, { readonly kind: 'failed' }>,
): Pick<EventDraft, 'type' | 'message' | 'step' | 'data'> {
  return {
    type: 'store.failed',
    message: `The ${run.kind} failed: ${failure.message}`,
    step: failure.step,
    data: { code: failure.code, undo },
  };
}
