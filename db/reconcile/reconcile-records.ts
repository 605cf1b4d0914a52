import { and, asc, eq, gt, inArray, isNull, lt, not, or, sql, type SQL } from 'drizzle-orm';
import type {
  InspectionOutcome,
  PageQuery,
  ReadyQuery,
  ReconcileRecords,
  RunningOperation,
  RunningQuery,
  StoreOwnership,
} from '../../domain/ports/reconcile-records.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { isReady, stores } from '../schema/stores.ts';
import { appendEvents } from '../stores/events.ts';
import {
  awaitsDelete,
  joined,
  openOperation,
  recordOf,
  runningOperation,
  selectStores,
  targetOf,
  type StoreRecord,
} from '../stores/record.ts';
import { isRunning, operations } from '../schema/operations.ts';
import { contextOf, lockById, recordInspection } from './inspections.ts';
import { hasCondition } from '../../domain/store/conditions.ts';
import { activeRepairs } from '../../domain/store/repairs.ts';
import type { AbsenceReceipt } from '../../domain/operations/outcomes.ts';

/** Creates the records of the reconciler on a database. */
export function createReconcileRecords(db: Database): ReconcileRecords {
  async function listReady(query: ReadyQuery) {
    const rows = await selectStores(db)
      .where(and(isReady(stores), eq(stores.cluster, query.cluster), isNull(stores.deleteRequestedAt), afterId(query)))
      .orderBy(asc(stores.id))
      .limit(query.limit);
    return rows.map(({ store, operation }) => ({
      store: targetOf(store),
      correlationId: operation.correlationId,
      drift: store.driftObjects ?? [],
      repairs: store.repairs,
      areRepairsSuspended: hasCondition(store.conditions, 'RepairsSuspended'),
    }));
  }

  async function listRunning(query: RunningQuery) {
    const rows = await selectStores(db)
      .where(and(isRunning(joined.current), lt(stores.updatedAt, query.olderThan), inScope(query), afterId(query)))
      .orderBy(asc(stores.id))
      .limit(query.limit);
    return rows.flatMap(({ store, operation }) =>
      operation.runId === null
        ? []
        : [
            {
              store: targetOf(store),
              correlationId: operation.correlationId,
              kind: operation.kind,
              runId: operation.runId,
              isCancelRequested: operation.cancelRequestedAt !== null,
              isUndeleteRequested: operation.undeleteRequestedAt !== null,
              updatedAt: store.updatedAt,
              isStalled: hasCondition(store.conditions, 'Stalled'),
              restarts: operation.restarts,
              restartedAt: operation.restartedAt,
              isSlotUnconfirmed: operation.slotGrantedAt !== null,
            },
          ],
    );
  }

  async function read(storeId: string): Promise<StoreRecord | undefined> {
    const [row] = await selectStores(db).where(eq(stores.id, storeId));
    return row === undefined ? undefined : recordOf(row);
  }

  async function isStillRunning({ store, kind, runId }: RunningOperation): Promise<boolean> {
    const record = await read(store.storeId);
    const running = record === undefined ? null : runningOperation(record);
    return running?.kind === kind && running.runId === runId;
  }

  async function recordRestart({ operation, restarts, now }: Parameters<ReconcileRecords['recordRestart']>[0]) {
    await db
      .update(operations)
      .set({ restarts, restartedAt: now })
      .where(
        and(
          eq(operations.storeId, operation.store.storeId),
          eq(operations.runId, operation.runId),
          isNull(operations.endedAt),
        ),
      );
  }

  async function reconcileStatus(storeId: string) {
    const record = await read(storeId);
    if (record === undefined) return 'other';
    if (awaitsDelete(record)) return 'delete';
    return record.status === 'ready' && openOperation(record) === null ? 'ready' : 'other';
  }

  async function repairsOf(storeId: string, now: Date) {
    const record = await read(storeId);
    return record === undefined ? [] : activeRepairs(record.repairs, record.driftObjects ?? [], now);
  }

  async function ownershipById(storeIds: readonly string[]) {
    if (storeIds.length === 0) return [];
    const rows = await selectStores(db).where(inArray(stores.id, [...storeIds]));
    return rows.map((row) => ownershipOf(recordOf(row)));
  }

  async function ownershipByNamespace(namespaces: readonly string[]) {
    if (namespaces.length === 0) return [];
    const rows = await selectStores(db).where(inArray(stores.namespace, [...namespaces]));
    return rows.map((row) => ownershipOf(recordOf(row)));
  }

  return translatingConnectionErrors({
    listReady,
    listRunning,
    recordRestart,
    isStillRunning,
    reconcileStatus,
    repairsOf,
    ownershipById,
    ownershipByNamespace,
    recordInspection: (inspection, now) => db.transaction((tx) => recordInspection(tx, inspection, now)),
    recordLeftoversRemoved: (input, now) => db.transaction((tx) => recordLeftoversRemoved(tx, input, now)),
  });
}

/** Selects the operations of a scope. An operation with a request to end does not count as waiting: its run must react. */
function inScope({ scope, now }: RunningQuery): SQL {
  const { status, step, heldUntil, undeleteUntil, cancelRequestedAt, undeleteRequestedAt } = joined.current;
  const waitsForSlotOrOperator = and(
    isNull(cancelRequestedAt),
    isNull(stores.deleteRequestedAt),
    or(eq(status, 'queued'), and(eq(status, 'held'), gt(heldUntil, now))),
  );
  const isInWindow = and(isNull(undeleteRequestedAt), eq(step, 'undelete-window'), gt(undeleteUntil, now));
  // `is true`, because a condition on an empty column is null.
  const isWaiting = sql`(${or(waitsForSlotOrOperator, isInWindow)}) is true`;
  return scope === 'waiting' ? isWaiting : not(isWaiting);
}

function afterId({ after }: PageQuery) {
  return after === undefined ? undefined : gt(stores.id, after);
}

function ownershipOf(record: StoreRecord): StoreOwnership {
  return {
    target: targetOf(record),
    status: record.status,
    operation: { kind: (openOperation(record) ?? record.operation).kind, isRunning: openOperation(record) !== null },
    isDeleteRequested: record.deleteRequestedAt !== null,
    hasBeenReady: record.readyAt !== null,
    correlationId: record.operation.correlationId,
    updatedAt: record.updatedAt,
  };
}

async function recordLeftoversRemoved(
  tx: Transaction,
  { storeId, runId, receipt }: { readonly storeId: string; readonly runId: string; readonly receipt: AbsenceReceipt },
  now: Date,
): Promise<InspectionOutcome> {
  const record = await lockById(tx, storeId);
  if (record === undefined) return { next: null };
  await appendEvents(tx, contextOf(record, now), [
    {
      type: 'leftovers.removed',
      dedupeKey: `${runId}/remains`,
      status: record.status,
      message: 'The platform removed the leftovers of the store',
      data: { receipt },
    },
  ]);
  return { next: awaitsDelete(record) ? 'delete' : null };
}
