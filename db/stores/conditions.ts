import { eq } from 'drizzle-orm';
import type { ConditionRecords, SetConditionInput } from '../../domain/ports/condition-records.ts';
import {
  clearedConditions,
  CONDITION_TYPES,
  operationConditions,
  withCondition,
  type ConditionReport,
  type StoreCondition,
} from '../../domain/store/conditions.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { stores } from '../schema/stores.ts';
import { appendEvents, type EventContext, type EventDraft } from './events.ts';
import { runningOperation, withOperations, type StoreRow } from './record.ts';
import { updateStore } from './transition.ts';

/** Creates the records of conditions on a database. */
export function createConditionRecords(db: Database): ConditionRecords {
  return translatingConnectionErrors({
    setCondition: (input, now) => db.transaction((tx) => setCondition(tx, input, now)),
  });
}

async function setCondition(
  tx: Transaction,
  { storeId, runId, condition }: SetConditionInput,
  now: Date,
): Promise<boolean> {
  const [row] = await tx.select().from(stores).where(eq(stores.id, storeId)).for('update');
  if (row === undefined || row.status === 'deleted') return false;
  const record = await withOperations(tx, row);
  const running = runningOperation(record);
  if (runId !== undefined && running?.runId !== runId) return false;
  const { tenantId } = record;
  const { correlationId } = record.operation;
  const context = { storeId, tenantId, correlationId, operationId: running?.id ?? null, now };
  const conditions = await reportConditions(tx, record, [condition], context);
  return conditions !== record.conditions;
}

/**
 * Writes conditions that have changed and an event for each new status or reason. The caller holds the store's row lock.
 *
 * @param store The store as it is in the transaction.
 * @returns the conditions after the change; the same list if nothing has changed.
 */
export async function reportConditions(
  tx: Transaction,
  store: Pick<StoreRow, 'id' | 'status' | 'conditions'>,
  reports: readonly ConditionReport[],
  context: EventContext,
): Promise<readonly StoreCondition[]> {
  const { now } = context;
  const events: EventDraft[] = [];
  let { conditions } = store;
  for (const report of reports) {
    const changed = withCondition(conditions, report, now.toISOString());
    conditions = changed.conditions;
    if (changed.isEvent) events.push(conditionChanged(report, store));
  }
  if (conditions === store.conditions) return conditions;
  await appendEvents(tx, context, events);
  await updateStore(tx, { storeId: store.id, set: { conditions }, now });
  return conditions;
}

/** Clears the conditions that end with the operation of a run. Returns the conditions after the change. */
export async function endConditions(
  tx: Transaction,
  store: Pick<StoreRow, 'id' | 'status' | 'conditions'>,
  context: EventContext,
): Promise<readonly StoreCondition[]> {
  const cause = { reason: 'OperationEnded', message: 'the operation or its run has ended' };
  return reportConditions(tx, store, clearedConditions(store.conditions, operationConditions(), cause), context);
}

/** Clears all conditions, because an operation begins. */
export async function clearConditions(
  tx: Transaction,
  store: Pick<StoreRow, 'id' | 'status' | 'conditions'>,
  context: EventContext,
): Promise<void> {
  const cause = { reason: 'OperationStarted', message: 'another operation has started' };
  await reportConditions(tx, store, clearedConditions(store.conditions, CONDITION_TYPES, cause), context);
}

function conditionChanged(
  { type, status, reason, message }: ConditionReport,
  store: Pick<StoreRow, 'status'>,
): EventDraft {
  return {
    type: 'condition.changed',
    dedupeKey: null,
    status: store.status,
    message: `${type} is ${status}: ${message}`,
    data: { condition: type, status, reason },
  };
}
