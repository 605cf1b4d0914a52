import { createHash } from 'node:crypto';
import { and, eq, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { ActionableStore } from '../../domain/store/actions.ts';
import type { StoreEvent } from '../../domain/store/store.ts';
import type { Queries, Transaction } from '../connection/open-db.ts';
import { oncePerConnection } from '../connection/session.ts';
import type { storeEvents } from '../schema/events.ts';
import { isPending, operations } from '../schema/operations.ts';
import { stores } from '../schema/stores.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

export type StoreRow = typeof stores.$inferSelect;
export type OperationRecord = typeof operations.$inferSelect;

/** A store with the operations that its state depends on. */
export interface StoreRecord extends StoreRow {
  /** The operation that the store's status comes from: the newest one that a run has taken up, or the first. */
  readonly operation: OperationRecord;
  /** The operation that waits for a run to take it up. For a new store this is `operation` itself. */
  readonly pending: OperationRecord | null;
}

/** 132 bits: two versions of a store are never equal by chance. */
const VERSION_LENGTH = 22;

const current = alias(operations, 'current');
const pending = alias(operations, 'pending');

/** Returns a query for stores with their operations. Callers add conditions on `stores`, `current` and `pending`. */
export function selectStores(db: Queries | Transaction) {
  return db
    .select({ store: stores, operation: current, pending })
    .from(stores)
    .innerJoin(current, and(eq(current.storeId, stores.id), sql`${current.isCurrent}`))
    .leftJoin(pending, and(eq(pending.storeId, stores.id), isPending(pending)));
}

/** The joined operations of {@link selectStores}, for conditions. */
export const joined = { current, pending } as const;

export function recordOf(row: {
  readonly store: StoreRow;
  readonly operation: OperationRecord;
  readonly pending: OperationRecord | null;
}): StoreRecord {
  return { ...row.store, operation: row.operation, pending: row.pending };
}

/**
 * Reads the operations of a store whose row lock the transaction holds. This must be a separate query: a join in the
 * locking query would read the operations from before the lock was granted.
 */
export async function withOperations(tx: Transaction, store: StoreRow): Promise<StoreRecord> {
  const rows = await selectOperations(tx).execute({ storeId: store.id });
  const operation = rows.find(({ isCurrent }) => isCurrent);
  if (operation === undefined) throw new Error(`store ${store.id} has no current operation`);
  const waiting = rows.find(({ runId, endedAt }) => runId === null && endedAt === null);
  return { ...store, operation, pending: waiting ?? null };
}

const selectOperations = oncePerConnection((queries) =>
  queries
    .select()
    .from(operations)
    .where(
      and(eq(operations.storeId, sql.placeholder('storeId')), or(sql`${operations.isCurrent}`, isPending(operations))),
    )
    .prepare('operations_of_store'),
);

/**
 * Returns a short text that changes whenever a column of a record changes. Two records with the same version have
 * the same columns.
 */
export function versionOf(record: object): string {
  return createHash('sha256').update(JSON.stringify(record)).digest('base64url').slice(0, VERSION_LENGTH);
}

/** Returns the facts about a store that workflows need. */
export function targetOf(record: StoreRow): StoreTarget {
  return {
    storeId: record.id,
    cluster: record.cluster,
    tenantId: record.tenantId,
    name: record.name,
    engine: record.engine,
    namespace: record.namespace,
    releaseName: record.releaseName,
    host: record.host,
    ...(record.onFailure === 'cleanup' ? {} : { onFailure: record.onFailure }),
    ...(record.overrides === null ? {} : { overrides: record.overrides }),
    ...(record.volumePolicy === null ? {} : { volumePolicy: record.volumePolicy }),
    ...(record.readyAt === null ? {} : { hasData: true }),
  };
}

/** Returns the facts that decide which actions a store allows. */
export function actionableOf(record: StoreRecord): ActionableStore {
  return {
    status: record.status,
    step: runningOperation(record)?.step ?? null,
    isDeleteRequested: record.deleteRequestedAt !== null,
  };
}

/** Returns the operation that a workflow run has taken up and not ended, or null. */
export function runningOperation({ operation }: StoreRecord): OperationRecord | null {
  return operation.runId !== null && operation.endedAt === null ? operation : null;
}

/** Returns the operation that runs. If none runs, returns the one that waits for its run. */
export function openOperation(record: StoreRecord): OperationRecord | null {
  return runningOperation(record) ?? record.pending;
}

/** Returns whether a delete waits for a workflow run to take it up and no other operation runs. */
export function awaitsDelete(record: StoreRecord): boolean {
  return record.pending?.kind === 'delete' && runningOperation(record) === null;
}

export function eventOf(row: typeof storeEvents.$inferSelect): StoreEvent {
  return {
    seq: row.seq,
    type: row.type,
    step: row.step,
    status: row.status,
    message: row.message,
    data: row.data,
    correlationId: row.correlationId,
    operationId: row.operationId,
    at: row.createdAt.toISOString(),
  };
}
