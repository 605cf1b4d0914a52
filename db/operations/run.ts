import type { ActivityInput, OperationRun } from '../../domain/operations/types.ts';
import { lockStore, transitionStore, storeNotFound, updateStore } from '../stores/transition.ts';
import type { Transaction } from '../connection/open-db.ts';
import { appendEvents, hasEvent, type EventContext, type EventDraft } from '../stores/events.ts';
import type { StoreRecord } from '../stores/record.ts';

/**
 * How a run stands to the store that it writes to. Temporal lets one run a workflow id be open, so a `new` run, one that
 * was never seen before, is no rival: it is the first of its operation, or follows one that was reset or terminated. What
 * a `past` run still says comes from an attempt that was given up.
 */
export type RunRelation = 'current' | 'new' | 'past';

export async function runRelation(tx: Transaction, record: StoreRecord, run: OperationRun): Promise<RunRelation> {
  if (record.operationRunId === run.runId && record.operationKind === run.kind) return 'current';
  return (await hasEvent(tx, record.id, startedKey(run))) ? 'past' : 'new';
}

/** One run may carry a provision and then the delete that superseded it: a run's facts are told apart by both. */
export function runKey(run: OperationRun): string {
  return `${run.runId}/${run.kind}`;
}

/** A run that was resumed does steps again: their facts are told apart by the round. */
export function roundKey(run: OperationRun): string {
  return run.round === undefined ? runKey(run) : `${runKey(run)}/round-${run.round}`;
}

/** What a store has not that goes well, or goes on. */
export const HOLD_CLEARED = {
  failureCode: null,
  failureMessage: null,
  failureStep: null,
  failureEvidence: null,
  heldUntil: null,
} as const;

function startedKey(run: OperationRun): string {
  return `${runKey(run)}/started`;
}

export function contextOf({ store, run }: ActivityInput, now: Date): EventContext {
  return { storeId: store.storeId, tenantId: store.tenantId, correlationId: run.correlationId, now };
}

/** @throws StoreError STORE_NOT_FOUND */
export async function lockStoreOf(tx: Transaction, { store }: ActivityInput): Promise<StoreRecord> {
  const record = await lockStore(tx, store);
  if (record === undefined) throw storeNotFound(store.storeId);
  return record;
}

export function startedEvent(run: OperationRun, status: StoreRecord['status']): EventDraft {
  return {
    type: 'operation.started',
    dedupeKey: startedKey(run),
    status,
    message: `The ${run.kind} started`,
    data: { operation: run.kind, workflowId: run.workflowId, runId: run.runId },
  };
}

/** The columns that say which operation a store is in. */
export function operationColumns(run: OperationRun, now: Date) {
  return {
    operationKind: run.kind,
    operationWorkflowId: run.workflowId,
    operationRunId: run.runId,
    operationStep: null,
    operationStartedAt: now,
    operationEndedAt: null,
    queuedSince: null,
    correlationId: run.correlationId,
  } as const;
}

/**
 * Puts a run in the place of the one it follows, in mid-operation: status and step stay as they are, but for a hold, which
 * ends with the run that waited.
 */
export async function adoptOperation(
  tx: Transaction,
  record: StoreRecord,
  input: ActivityInput,
  now: Date,
): Promise<StoreRecord> {
  const wasHeld = record.status === 'held';
  const status = wasHeld ? 'provisioning' : record.status;
  await appendEvents(tx, contextOf(input, now), [startedEvent(input.run, status)]);
  const change = { storeId: record.id, set: { operationRunId: input.run.runId }, now };
  if (!wasHeld) return await updateStore(tx, change);
  return await transitionStore(tx, { ...change, to: 'provisioning', set: { ...change.set, ...HOLD_CLEARED } });
}
