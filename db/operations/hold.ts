import { assertNever } from '../../domain/assert-never.ts';
import { operationSpec } from '../../domain/operations/catalogue.ts';
import { mergeOverrides } from '../../domain/store/overrides.ts';
import type { Transaction } from '../connection/open-db.ts';
import { appendEvents, hasEvent, type EventDraft } from '../stores/events.ts';
import type { StoreRecord } from '../stores/record.ts';
import { transitionStore, updateStore } from '../stores/transition.ts';
import { failureColumns, HOLD_CLEARED, updateOperation } from '../stores/operations.ts';
import { adoptOperation, contextOf, lockStoreOf, roundKey, runRelation, unendedOperation } from './run.ts';
import { stepFailed } from './step-events.ts';
import type { ActivityInput, EndHoldInput, HoldDecision, HoldInput } from '../../domain/operations/inputs.ts';

/**
 * Holds a store at the step that failed. Writes the status `held`, the cause and the end of the hold, once per round.
 */
export async function hold(tx: Transaction, input: HoldInput, until: Date, now: Date): Promise<void> {
  const { run, failure } = input;
  const dedupeKey = `${roundKey(run)}/held`;
  const record = await currentStore(tx, input, now);
  if (record === undefined || (await hasEvent(tx, record.id, dedupeKey))) return;
  await appendEvents(tx, contextOf(input, now), [
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
  await updateOperation(tx, record.operation.id, { status: 'held', ...failureColumns(failure), heldUntil: until });
  await transitionStore(tx, { storeId: record.id, to: 'held', now });
}

/**
 * Ends a hold by a decision: the operation continues or undoes its steps. The store keeps a change of its overrides.
 */
export async function endHold(tx: Transaction, input: EndHoldInput, now: Date): Promise<void> {
  const { run, decision } = input;
  const { runningStatus } = operationSpec(run.kind);
  const dedupeKey = `${roundKey(run)}/hold-ended`;
  const record = await currentStore(tx, input, now);
  if (record === undefined || (await hasEvent(tx, record.id, dedupeKey))) return;
  await appendEvents(tx, contextOf(input, now), [
    { ...decisionEvent(decision), dedupeKey, status: runningStatus, step: record.operation.step },
  ]);
  const change = decision.kind === 'continue' ? decision.change : null;
  const set = change === null ? {} : { overrides: mergeOverrides(record.overrides ?? {}, change) };
  await updateOperation(tx, record.operation.id, { status: 'running', ...HOLD_CLEARED });
  // A run that adopted the operation after a reset has already ended the hold.
  if (record.status === 'held') await transitionStore(tx, { storeId: record.id, to: runningStatus, set, now });
  else await updateStore(tx, { storeId: record.id, set, now });
}

/** Returns the store if the run belongs to its current operation. A new run adopts the operation. */
async function currentStore(tx: Transaction, input: ActivityInput, now: Date): Promise<StoreRecord | undefined> {
  const found = await lockStoreOf(tx, input);
  const relation = await runRelation(tx, found, input.run);
  if (relation === 'past' || unendedOperation(found, input.run) === null) return undefined;
  return relation === 'new' ? await adoptOperation(tx, found, input, now) : found;
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
