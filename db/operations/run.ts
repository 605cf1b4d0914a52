import type { Transaction } from '../connection/open-db.ts';
import { hasEvent, type EventContext, type EventDraft } from '../stores/events.ts';
import type { OperationRecord, StoreRecord } from '../stores/record.ts';
import { lockStore, storeNotFound } from '../stores/transition.ts';
import type { ActivityInput, OperationRun } from '../../domain/operations/inputs.ts';

/**
 * How a workflow run relates to the store that it writes to.
 *
 * - `current`: the run of the store's current operation.
 * - `new`: a run that the record has not seen. Temporal allows one open run per workflow id, so it is the first run of
 *   its operation, or it follows a run that was reset or terminated.
 * - `past`: an earlier run. Its writes are ignored.
 */
export type RunRelation = 'current' | 'new' | 'past';

export async function runRelation(tx: Transaction, record: StoreRecord, run: OperationRun): Promise<RunRelation> {
  const { runId, kind } = record.operation;
  if (runId === run.runId && kind === run.kind) return 'current';
  return (await hasEvent(tx, record.id, startedKey(run))) ? 'past' : 'new';
}

/**
 * Returns the prefix of the dedupe keys of a run. It has the kind, because one run can provision a store and then
 * delete it.
 */
export function runKey(run: OperationRun): string {
  return `${run.runId}/${run.kind}`;
}

/** Returns the prefix of the dedupe keys of steps. It has the round, because a run that was continued repeats steps. */
export function roundKey(run: OperationRun): string {
  return run.round === undefined ? runKey(run) : `${runKey(run)}/round-${run.round}`;
}

function startedKey(run: OperationRun): string {
  return `${runKey(run)}/started`;
}

/** Returns the context of events that a run writes about its operation. */
export function contextOf({ store, run }: ActivityInput, { id }: OperationRecord, now: Date): EventContext {
  return {
    storeId: store.storeId,
    tenantId: store.tenantId,
    correlationId: run.correlationId,
    operationId: id,
    now,
  };
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

/** Returns the store's operation if it has the run's kind and has not ended. It may still wait for its first run. */
export function unendedOperation({ operation }: StoreRecord, { kind }: OperationRun): OperationRecord | null {
  return operation.kind === kind && operation.endedAt === null ? operation : null;
}
