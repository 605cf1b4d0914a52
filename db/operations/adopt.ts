import { operationSpec } from '../../domain/operations/catalogue.ts';
import type { Transaction } from '../connection/open-db.ts';
import { appendEvents } from '../stores/events.ts';
import { runningOperation, type OperationRecord, type StoreRecord } from '../stores/record.ts';
import { transitionStore } from '../stores/transition.ts';
import { HOLD_CLEARED, updateOperation, withSlotLocked, type OperationColumns } from '../stores/operations.ts';
import { contextOf, startedEvent } from './run.ts';
import { requestSlot, RUNNING, type SlotLimits } from './tenant-slots.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

/**
 * Makes a new run the run of the store's operation. Status and step stay as they are. A hold ends, because the run that
 * waited no longer exists.
 *
 * @param limits Slots of the tenant, for a run that can wait for one. A run that is reset to a point after its start
 *   cannot wait: without limits it takes a slot even if none is free.
 */
export async function adoptOperation(
  tx: Transaction,
  record: StoreRecord,
  input: ActivityInput,
  { now, limits }: { readonly now: Date; readonly limits?: SlotLimits },
): Promise<StoreRecord> {
  const { run } = input;
  const wasHeld = record.status === 'held';
  const status = wasHeld ? operationSpec(run.kind).runningStatus : record.status;
  const isFirstRun = runningOperation(record) === null;
  const slot = await slotColumns(tx, record.operation, limits);
  await appendEvents(tx, contextOf(input, now), [startedEvent(run, status)]);
  if (wasHeld) await transitionStore(tx, { storeId: record.id, to: status, now });
  const operation = await updateOperation(tx, record.operation, {
    runId: run.runId,
    ...slot,
    ...(wasHeld ? HOLD_CLEARED : {}),
    ...(isFirstRun ? { startedAt: now } : {}),
  });
  return { ...record, status, operation, pending: record.pending?.id === operation.id ? null : record.pending };
}

/** Returns the columns that give an adopted operation its slot, or its place in the queue. */
async function slotColumns(
  tx: Transaction,
  operation: OperationRecord,
  limits: SlotLimits | undefined,
): Promise<OperationColumns> {
  if (limits === undefined || !operationSpec(operation.kind).needsTenantSlot) return RUNNING;
  const { status, queuedSince } = await withSlotLocked(tx, operation);
  if (status === 'running') return RUNNING;
  return status === 'queued' ? { status, queuedSince } : requestSlot(tx, operation, limits);
}
