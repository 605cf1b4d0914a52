import type { StoreTarget } from '../../domain/operations/types.ts';
import type { ActionableStore } from '../../domain/store/actions.ts';
import type { StoreEvent } from '../../domain/store/store.ts';
import type { storeEvents, stores } from '../schema/stores.ts';

/** A store as the database has it. */
export type StoreRecord = typeof stores.$inferSelect;

/** What workflows get to know of a store. */
export function targetOf(record: StoreRecord): StoreTarget {
  return {
    storeId: record.id,
    tenantId: record.tenantId,
    name: record.name,
    engine: record.engine,
    namespace: record.namespace,
    releaseName: record.releaseName,
    host: record.host,
    ...(record.onFailure === 'cleanup' ? {} : { onFailure: record.onFailure }),
    ...(record.overrides === null ? {} : { overrides: record.overrides }),
    ...(record.readyAt === null ? {} : { hasData: true }),
  };
}

/** What decides about the moves of a store. */
export function actionableOf(record: StoreRecord): ActionableStore {
  return {
    status: record.status,
    step: record.operationStep,
    isDeleteRequested: record.deleteRequestedAt !== null,
  };
}

/** Whether an operation was asked for and has not ended; it may still wait for a run (`operationRunId` null). */
export function isOperationRunning(record: StoreRecord): boolean {
  return record.operationEndedAt === null;
}

/** A delete was asked for and no run has taken it up. */
export function awaitsDelete(record: StoreRecord): boolean {
  return record.deleteRequestedAt !== null && !isOperationRunning(record) && record.status !== 'deleted';
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
    at: row.createdAt.toISOString(),
  };
}
