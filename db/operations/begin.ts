import { operationSpec } from '../../domain/operations/catalogue.ts';
import type { DeletePlan } from '../../domain/store/status.ts';
import type { Transaction } from '../connection/open-db.ts';
import { clearConditions } from '../stores/conditions.ts';
import { appendEvents } from '../stores/events.ts';
import type { OperationRecord, StoreRecord } from '../stores/record.ts';
import { transitionStore, updateStore, type StoreColumns } from '../stores/transition.ts';
import { takeUp } from '../stores/operations.ts';
import { adoptOperation } from './adopt.ts';
import { endOperation } from './end.ts';
import { contextOf, lockStoreOf, runKey, runRelation, startedEvent, unendedOperation } from './run.ts';
import {
  confirmSlot,
  grantSlots,
  nextInQueueOf,
  requestSlot,
  RUNNING,
  settleQueue,
  type SlotLimits,
} from './tenant-slots.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';
import type { BeginOutcome } from '../../domain/operations/outcomes.ts';

/** The outcome of an operation that was cancelled before a run took it up. */
const NOTHING_DONE = { kind: 'cancelled', step: null, undo: { undone: [], leftBehind: [] } } as const;

/**
 * Makes the run's operation the current one, and gives it a tenant slot or its place in the queue. An operation that was
 * cancelled before ends here, without a step.
 */
export async function begin(tx: Transaction, input: ActivityInput, limits: SlotLimits): Promise<BeginOutcome> {
  const { run } = input;
  const { now } = limits;
  const { isUndoable } = operationSpec(run.kind);
  const record = await lockStoreOf(tx, input);
  const relation = await runRelation(tx, record, run);
  // The activity was delivered again: this run has begun before.
  if (relation === 'current' && isUndoable && record.operation.status === 'cancelled') return { kind: 'cancelled' };
  if (relation === 'current') return begun(record, await confirmSlot(tx, record.operation), now);
  if (run.kind !== 'delete' && record.deleteRequestedAt !== null) return { kind: 'superseded' };
  if (relation === 'past') return begun(record, record.operation, now);
  if (isAdopted(record, input)) {
    return queuedOrBegun(tx, await adoptOperation(tx, record, input, { now, canWait: true }), input, limits);
  }
  return start(tx, record, input, limits);
}

/** Takes the operation up, or ends it if it was cancelled before. */
async function start(
  tx: Transaction,
  record: StoreRecord,
  input: ActivityInput,
  limits: SlotLimits,
): Promise<BeginOutcome> {
  const { run } = input;
  const { now } = limits;
  const to = operationSpec(run.kind).runningStatus;
  const isCancelled = record.pending?.kind === run.kind && record.pending.cancelRequestedAt !== null;
  const slot = isCancelled ? RUNNING : await requestSlot(tx, record, run.kind, limits);
  const operation = await takeUp(tx, record, run, { now, slot });
  await appendEvents(tx, contextOf(input, operation, now), [startedEvent(run, to)]);
  await clearConditions(tx, { ...record, status: to }, contextOf(input, operation, now));
  const set = startedStoreColumns(record, input, now);
  // A delete that was requested again during its undo finds the store in status `deleting`.
  if (record.status === to) await updateStore(tx, { storeId: record.id, set, now });
  else await transitionStore(tx, { storeId: record.id, to, set, now });
  if (isCancelled) {
    const { nextInQueue = [] } = await endOperation(tx, { ...input, outcome: NOTHING_DONE }, limits);
    return { kind: 'cancelled', ...nextInQueueOf(nextInQueue) };
  }
  const outcome = await queuedOrBegun(tx, { ...record, status: to, operation }, input, limits);
  const isSuperseding = record.operation.endedAt === null && record.operation.id !== operation.id;
  if (!isSuperseding) return outcome;
  // The superseded operation may have freed a slot.
  return { ...outcome, ...nextInQueueOf(await grantSlots(tx, record, limits)) };
}

/** Returns whether the run follows a lost run of the store's operation. */
function isAdopted(record: StoreRecord, { run }: ActivityInput): boolean {
  return record.status === operationSpec(run.kind).runningStatus && unendedOperation(record, run) !== null;
}

/** Gives free slots to the queue if the operation is queued: it can be the first of the queue. */
async function queuedOrBegun(
  tx: Transaction,
  record: StoreRecord,
  input: ActivityInput,
  limits: SlotLimits,
): Promise<Extract<BeginOutcome, { readonly kind: 'begun' }>> {
  if (record.operation.status !== 'queued') return begun(record, record.operation, limits.now);
  const dedupeKey = `${runKey(input.run)}/queued`;
  const { operation, nextInQueue } = await settleQueue(tx, record, { input, dedupeKey, limits });
  return { ...begun(record, operation, limits.now), ...nextInQueueOf(nextInQueue) };
}

function begun(
  record: StoreRecord,
  operation: OperationRecord,
  now: Date,
): Extract<BeginOutcome, { readonly kind: 'begun' }> {
  return {
    kind: 'begun',
    ...(operation.kind === 'delete' ? deletePlanOf(record, operation, now) : {}),
    ...(operation.status === 'queued' ? { tenantSlot: 'queued' } : {}),
  };
}

/**
 * Returns how to delete, unless at once and with all volumes. A store that never was ready has no data to keep. A run that
 * follows a lost one has the rest of the undelete window.
 */
function deletePlanOf(record: StoreRecord, operation: OperationRecord, now: Date): { readonly deletion?: DeletePlan } {
  const undeleteWindowSeconds = record.readyAt === null ? 0 : openWindowSeconds(operation, now);
  const volumes = operation.volumePolicy ?? 'delete';
  if (undeleteWindowSeconds === 0 && volumes === 'delete') return {};
  return { deletion: { undeleteWindowSeconds, volumes } };
}

function openWindowSeconds({ undeleteWindowSeconds, undeleteUntil }: OperationRecord, now: Date): number {
  if (undeleteUntil === null) return undeleteWindowSeconds ?? 0;
  return Math.max(0, Math.ceil((undeleteUntil.getTime() - now.getTime()) / 1_000));
}

function startedStoreColumns(record: StoreRecord, { run, store }: ActivityInput, now: Date): StoreColumns {
  // A delete that was started without the API also counts as a request.
  if (run.kind === 'delete') return { deleteRequestedAt: record.deleteRequestedAt ?? now };
  return store.overrides === undefined ? {} : { overrides: store.overrides };
}
