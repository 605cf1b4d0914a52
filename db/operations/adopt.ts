import { operationSpec } from '../../domain/operations/catalogue.ts';
import type { Transaction } from '../connection/open-db.ts';
import { endConditions } from '../stores/conditions.ts';
import { appendEvents } from '../stores/events.ts';
import { runningOperation, type StoreRecord } from '../stores/record.ts';
import { transitionStore } from '../stores/transition.ts';
import { HOLD_CLEARED, updateOperation } from '../stores/operations.ts';
import { contextOf, startedEvent } from './run.ts';
import { keepSlotOrPlace, RUNNING } from './tenant-slots.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

/**
 * Makes a new run the run of the store's operation. Status and step stay as they are. A hold ends, because the run that
 * waited no longer exists.
 *
 * @param canWait Whether the run can wait for a tenant slot: then a queued operation keeps its place. A run that was reset
 *   to a point after its start cannot wait. It takes a slot even if none is free.
 */
export async function adoptOperation(
  tx: Transaction,
  record: StoreRecord,
  input: ActivityInput,
  { now, canWait = false }: { readonly now: Date; readonly canWait?: boolean },
): Promise<StoreRecord> {
  const { run } = input;
  const wasHeld = record.status === 'held';
  const status = wasHeld ? operationSpec(run.kind).runningStatus : record.status;
  const isFirstRun = runningOperation(record) === null;
  const slot = canWait ? await keepSlotOrPlace(tx, record.operation) : RUNNING;
  await appendEvents(tx, contextOf(input, record.operation, now), [startedEvent(run, status)]);
  const conditions = await endConditions(tx, { ...record, status }, contextOf(input, record.operation, now));
  if (wasHeld) await transitionStore(tx, { storeId: record.id, to: status, now });
  const operation = await updateOperation(tx, record.operation, {
    runId: run.runId,
    ...slot,
    ...(wasHeld ? HOLD_CLEARED : {}),
    ...(isFirstRun ? { startedAt: now } : {}),
  });
  return {
    ...record,
    status,
    conditions,
    operation,
    pending: record.pending?.id === operation.id ? null : record.pending,
  };
}
