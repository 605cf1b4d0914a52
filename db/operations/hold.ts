import { assertNever } from '../../domain/assert-never.ts';
import type { ActivityInput, EndHoldInput, HoldDecision, HoldInput } from '../../domain/operations/types.ts';
import { mergeOverrides } from '../../domain/store/overrides.ts';
import { transitionStore, updateStore, type StoreColumns } from '../stores/transition.ts';
import type { Transaction } from '../connection/open-db.ts';
import { stepFailed } from './step-events.ts';
import { appendEvents, hasEvent, type EventDraft } from '../stores/events.ts';
import { isOperationRunning, type StoreRecord } from '../stores/record.ts';
import { contextOf, lockStoreOf, HOLD_CLEARED, roundKey, runRelation, adoptOperation } from './run.ts';

/** Parks a store at the step that failed: status `held`, the cause, and until when. Once a round. */
export async function hold(tx: Transaction, input: HoldInput, until: Date, now: Date): Promise<void> {
  const { run, failure } = input;
  const dedupeKey = `${roundKey(run)}/held`;
  const record = await currentOperation(tx, input, now);
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
  const set: StoreColumns = {
    failureCode: failure.code,
    failureMessage: failure.message,
    failureStep: failure.step,
    failureEvidence: failure.evidence,
    heldUntil: until,
  };
  await transitionStore(tx, { storeId: record.id, to: 'held', set, now });
}

/** Ends a hold as decided: the operation goes on, or undoes its steps. A change of the overrides stays with the store. */
export async function endHold(tx: Transaction, input: EndHoldInput, now: Date): Promise<void> {
  const { run, decision } = input;
  const dedupeKey = `${roundKey(run)}/hold-ended`;
  const record = await currentOperation(tx, input, now);
  if (record === undefined || (await hasEvent(tx, record.id, dedupeKey))) return;
  await appendEvents(tx, contextOf(input, now), [
    { ...decisionEvent(decision), dedupeKey, status: 'provisioning', step: record.operationStep },
  ]);
  const change = decision.kind === 'continue' ? decision.change : null;
  const set: StoreColumns = {
    ...HOLD_CLEARED,
    ...(change === null ? {} : { overrides: mergeOverrides(record.overrides ?? {}, change) }),
  };
  // A run that took over from one that was reset has left the hold with its first word.
  if (record.status === 'held') await transitionStore(tx, { storeId: record.id, to: 'provisioning', set, now });
  else await updateStore(tx, { storeId: record.id, set, now });
}

/** The store, if the run is its operation now. */
async function currentOperation(tx: Transaction, input: ActivityInput, now: Date): Promise<StoreRecord | undefined> {
  const found = await lockStoreOf(tx, input);
  const relation = await runRelation(tx, found, input.run);
  const isHappening = isOperationRunning(found) && found.operationKind === input.run.kind;
  if (relation === 'past' || !isHappening) return undefined;
  return relation === 'new' ? await adoptOperation(tx, found, input, now) : found;
}

function decisionEvent(decision: HoldDecision): Pick<EventDraft, 'type' | 'message' | 'data'> {
  const data = { decision: decision.kind };
  switch (decision.kind) {
    case 'continue':
      return decision.change === null
        ? { type: 'operation.continued', message: 'An operator resumed the provision', data }
        : {
            type: 'operation.continued',
            message: 'An operator changed the overrides and resumed the provision',
            data: { ...data, change: decision.change },
          };
    case 'skip-verification':
      return { type: 'operation.continued', message: 'An operator skipped the verification', data };
    case 'abort':
      return { type: 'operation.aborted', message: 'An operator aborted the provision', data };
    case 'expired':
      return { type: 'operation.aborted', message: 'Nobody decided in time: the provision is aborted', data };
    case 'cancel':
      return { type: 'operation.aborted', message: 'The provision was cancelled while it was held', data };
    default:
      return assertNever(decision);
  }
}
