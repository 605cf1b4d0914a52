import { assertNever } from '../../domain/assert-never.ts';
import { operationSpec } from '../../domain/operations/catalogue.ts';
import { mergeOverrides } from '../../domain/store/overrides.ts';
import type { Transaction } from '../connection/open-db.ts';
import { endConditions } from '../stores/conditions.ts';
import { appendEvents, hasEvent, type EventDraft } from '../stores/events.ts';
import type { OperationRecord, StoreRecord } from '../stores/record.ts';
import { transitionStore, updateStore } from '../stores/transition.ts';
import { failureColumns, HOLD_CLEARED, updateOperation, type OperationColumns } from '../stores/operations.ts';
import { adoptOperation } from './adopt.ts';
import { contextOf, lockStoreOf, roundKey, runRelation, unendedOperation } from './run.ts';
import { stepFailed } from './step-events.ts';
import {
  confirmSlot,
  grantSlots,
  keepSlotOrPlace,
  nextInQueueOf,
  requestSlot,
  RUNNING,
  settleQueue,
  type SlotLimits,
} from './tenant-slots.ts';
import type { ActivityInput, EndHoldInput, HoldDecision, HoldInput } from '../../domain/operations/inputs.ts';
import type { EndHoldResult, SlotHandover } from '../../domain/operations/outcomes.ts';

/**
 * Holds a store at the step that failed. Writes the status `held`, the cause and the end of the hold, once per round. The
 * slot of the operation goes to the operation of the tenant that was queued longest.
 */
export async function hold(tx: Transaction, input: HoldInput, until: Date, limits: SlotLimits): Promise<SlotHandover> {
  const { run, failure } = input;
  const { now } = limits;
  const dedupeKey = `${roundKey(run)}/held`;
  const record = await currentStore(tx, input, now);
  if (record === undefined) return {};
  if (!(await hasEvent(tx, record.id, dedupeKey))) {
    await endConditions(tx, record, contextOf(input, record.operation, now));
    await appendEvents(tx, contextOf(input, record.operation, now), [
      ...stepFailed(run, failure, record.status),
      {
        type: 'operation.held',
        dedupeKey,
        status: 'held',
        step: failure.step,
        message: `The ${run.kind} waits for an operator: ${failure.message}`,
        data: { code: failure.code, until: until.toISOString() },
      },
    ]);
    await updateOperation(tx, record.operation, { status: 'held', ...failureColumns(failure), heldUntil: until });
    await transitionStore(tx, { storeId: record.id, to: 'held', now });
  }
  return nextInQueueOf(await grantSlots(tx, record, limits));
}

/**
 * Ends a hold by a decision: the operation continues or undoes its steps. The store keeps a change of its overrides.
 *
 * An operation that continues asks for a slot again. An undo does not wait for one, because the objects of the store
 * occupy the cluster until it ends. It takes a slot even if none is free.
 */
export async function endHold(tx: Transaction, input: EndHoldInput, limits: SlotLimits): Promise<EndHoldResult> {
  const { run, decision } = input;
  const { now } = limits;
  const dedupeKey = `${roundKey(run)}/hold-ended`;
  const record = await currentStore(tx, input, now);
  if (record === undefined) return {};
  if (await hasEvent(tx, record.id, dedupeKey)) return slotResult(await confirmSlot(tx, record.operation));
  const { runningStatus } = operationSpec(run.kind);
  const isHeld = record.status === 'held';
  const slot = decision.kind === 'continue' ? await slotToContinue(tx, record, limits) : RUNNING;
  await appendEvents(tx, contextOf(input, record.operation, now), [
    { ...decisionEvent(decision), dedupeKey, status: runningStatus, step: record.operation.step },
  ]);
  const change = decision.kind === 'continue' ? decision.change : null;
  const set = change === null ? {} : { overrides: mergeOverrides(record.overrides, change) };
  const operation = await updateOperation(tx, record.operation, { ...HOLD_CLEARED, ...slot });
  if (isHeld) await transitionStore(tx, { storeId: record.id, to: runningStatus, set, now });
  else await updateStore(tx, { storeId: record.id, set, now });
  if (operation.status !== 'queued') return {};
  const queued = { ...record, status: runningStatus, operation };
  const settled = await settleQueue(tx, queued, { input, dedupeKey: `${dedupeKey}/queued`, limits });
  return { ...slotResult(settled.operation), ...nextInQueueOf(settled.nextInQueue) };
}

/** Returns the columns of an operation that continues: it asks for a slot. */
function slotToContinue(tx: Transaction, record: StoreRecord, limits: SlotLimits): Promise<OperationColumns> {
  // A run that adopted the operation after a reset has already ended the hold.
  if (record.status !== 'held') return keepSlotOrPlace(tx, record.operation);
  return requestSlot(tx, record, record.operation.kind, limits);
}

function slotResult({ status }: OperationRecord): EndHoldResult {
  return status === 'queued' ? { tenantSlot: 'queued' } : {};
}

/** Returns the store if the run belongs to its current operation. A new run adopts the operation. */
async function currentStore(tx: Transaction, input: ActivityInput, now: Date): Promise<StoreRecord | undefined> {
  const found = await lockStoreOf(tx, input);
  const relation = await runRelation(tx, found, input.run);
  if (relation === 'past' || unendedOperation(found, input.run) === null) return undefined;
  return relation === 'new' ? await adoptOperation(tx, found, input, { now }) : found;
}

function decisionEvent(decision: HoldDecision): Pick<EventDraft, 'type' | 'message' | 'data'> {
  const data = { decision: decision.kind };
  switch (decision.kind) {
    case 'continue':
      return decision.change === null
        ? { type: 'operation.continued', message: 'An operator continued the provision', data }
        : {
            type: 'operation.continued',
            message: 'An operator changed the overrides and continued the provision',
            data: { ...data, change: decision.change },
          };
    case 'skip-verification':
      return { type: 'operation.continued', message: 'An operator skipped the verification', data };
    case 'abort':
      return { type: 'operation.aborted', message: 'An operator aborted the provision', data };
    case 'expired':
      return { type: 'operation.aborted', message: 'The hold expired. The provision was aborted', data };
    case 'cancel':
      return { type: 'operation.aborted', message: 'The provision was cancelled while it was held', data };
    default:
      return assertNever(decision);
  }
}
