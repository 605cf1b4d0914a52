import { and, asc, eq, gt, inArray, isNull, lt, not, or, sql, type SQL } from 'drizzle-orm';
import { isDeepStrictEqual } from 'node:util';
import type {
  Inspection,
  InspectionOutcome,
  PageQuery,
  ReconcileRecords,
  RunningOperation,
  RunningQuery,
  StoreOwnership,
} from '../../domain/ports/reconcile-records.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import { updateStore } from '../stores/transition.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { isReady, stores } from '../schema/stores.ts';
import { appendEvents, type EventDraft } from '../stores/events.ts';
import {
  awaitsDelete,
  joined,
  openOperation,
  recordOf,
  runningOperation,
  selectStores,
  targetOf,
  withOperations,
  type StoreRecord,
} from '../stores/record.ts';
import { isRunning } from '../schema/operations.ts';
import type { AbsenceReceipt } from '../../domain/operations/outcomes.ts';

/** Creates the records of the reconciler on a database. */
export function createReconcileRecords(db: Database): ReconcileRecords {
  async function listReady(query: PageQuery) {
    const rows = await selectStores(db)
      .where(and(isReady(stores), isNull(stores.deleteRequestedAt), afterId(query)))
      .orderBy(asc(stores.id))
      .limit(query.limit);
    return rows.map(({ store, operation }) => ({
      store: targetOf(store),
      correlationId: operation.correlationId,
      drift: store.driftObjects ?? [],
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

  async function reconcileStatus(storeId: string) {
    const record = await read(storeId);
    if (record === undefined) return 'other';
    if (awaitsDelete(record)) return 'delete';
    return record.status === 'ready' && openOperation(record) === null ? 'ready' : 'other';
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
    isStillRunning,
    reconcileStatus,
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

async function lockById(tx: Transaction, storeId: string): Promise<StoreRecord | undefined> {
  const [row] = await tx.select().from(stores).where(eq(stores.id, storeId)).for('update');
  return row === undefined ? undefined : withOperations(tx, row);
}

async function recordInspection(tx: Transaction, inspection: Inspection, now: Date): Promise<InspectionOutcome> {
  const record = await lockById(tx, inspection.storeId);
  if (record === undefined) return { next: null };
  const next = awaitsDelete(record) ? 'delete' : null;
  if (record.status !== 'ready' || openOperation(record) !== null || next !== null) return { next };
  const { drift, isAfterRepair } = inspection;
  const known = record.driftObjects ?? [];
  if (isDeepStrictEqual(known, drift)) return { next };
  await appendEvents(tx, contextOf(record, now), [
    drift.length === 0 ? repaired(isAfterRepair, known) : drifted(drift, isAfterRepair),
  ]);
  const set =
    drift.length === 0
      ? { driftSince: null, driftObjects: null }
      : { driftSince: record.driftSince ?? now, driftObjects: drift };
  await updateStore(tx, { storeId: record.id, set, now });
  return { next };
}

function drifted(drift: readonly DriftedObject[], isAfterRepair: boolean): EventDraft {
  const names = drift.map(({ object, state }) => `${object} is ${state}`);
  const listed = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return {
    type: 'store.drifted',
    dedupeKey: null,
    status: 'ready',
    message: `The store ${isAfterRepair ? 'still ' : ''}differs from its release: ${listed.join(', ')}`,
    data: { objects: drift },
  };
}

function repaired(byPlatform: boolean, objects: readonly DriftedObject[]): EventDraft {
  return {
    type: 'store.repaired',
    dedupeKey: null,
    status: 'ready',
    message: byPlatform
      ? 'The platform repaired the store. It matches its release again'
      : 'The store matches its release again. The platform did not repair it',
    data: { objects: objects.map(({ object }) => object), by: byPlatform ? 'platform' : 'other' },
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

function contextOf(record: StoreRecord, now: Date) {
  return { storeId: record.id, tenantId: record.tenantId, correlationId: record.operation.correlationId, now };
}
