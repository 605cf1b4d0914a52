import { eq, sql } from 'drizzle-orm';
import { assertNever } from '../domain/assert-never.ts';
import type {
  EndOperationInput,
  EndOperationResult,
  OperationOutcome,
  OperationRun,
  StepRecord,
  UndoReport,
} from '../domain/operations.ts';
import type { StoreStatus } from '../domain/store-state.ts';
import { illegalMove, moveStore, updateStore, type StoreColumns } from './move-store.ts';
import type { Transaction } from './open-db.ts';
import { tenantQuotas } from './schema.ts';
import { appendEvents, hasEvent, type EventDraft } from './store-events.ts';
import { isOperationRunning, type StoreRecord } from './store-record.ts';
import { contextOf, lockStoreOf, runKey, standingOf, succeed } from './store-run.ts';

/** Ends a run's operation: status, outcome, events and quota in one transaction, once a run. */
export async function endOperation(tx: Transaction, input: EndOperationInput, now: Date): Promise<EndOperationResult> {
  const { run, outcome } = input;
  const found = await lockStoreOf(tx, input);
  if (await hasEvent(tx, found.id, endedKey(run))) return { next: nextOf(found, run) };
  const standing = await standingOf(tx, found, run);
  const isRunning = isOperationRunning(found) && found.operationKind === run.kind;
  if (standing === 'past' || !isRunning)
    throw illegalMove(found.id, `is not in the ${run.kind} that run ${run.runId} ends`);
  const record = standing === 'new' ? await succeed(tx, found, input, now) : found;

  const to = outcome.kind;
  await appendEvents(tx, contextOf(input, now), endEvents(input, record, to));
  const set = endColumns(outcome, run, now);
  const ended = keepsStatus(record, outcome)
    ? await updateStore(tx, { storeId: record.id, set, now })
    : await moveStore(tx, { storeId: record.id, to, set, now });
  if (outcome.kind === 'deleted') await releaseQuota(tx, record.tenantId, now);
  return { next: nextOf(ended, run) };
}

function endedKey(run: OperationRun): string {
  return `${runKey(run)}/ended`;
}

function nextOf(record: StoreRecord, run: OperationRun): EndOperationResult['next'] {
  return run.kind === 'provision' && record.deleteRequestedAt !== null ? 'delete' : null;
}

/** A retry that was cancelled before it began changed nothing: the store is failed or cancelled as before. */
function keepsStatus(record: StoreRecord, outcome: OperationOutcome): boolean {
  return outcome.kind === 'cancelled' && (record.status === 'failed' || record.status === 'cancelled');
}

function endColumns(outcome: OperationOutcome, run: OperationRun, now: Date): StoreColumns {
  const ended = { operationEndedAt: now, cancelRequestedAt: null };
  switch (outcome.kind) {
    case 'ready':
      return { ...ended, operationStep: null, verification: outcome.verification, readyAt: now };
    case 'failed':
      return {
        ...ended,
        failureCode: outcome.failure.code,
        failureMessage: outcome.failure.message,
        failureStep: outcome.failure.step,
        failureEvidence: outcome.failure.evidence,
        // A delete that gave up is no longer asked for: it is asked for again by DELETE or by a retry.
        ...(run.kind === 'delete' ? { deleteRequestedAt: null } : {}),
      };
    case 'cancelled':
      return ended;
    case 'deleted':
      return { ...ended, operationStep: null, deletedAt: now };
    default:
      return assertNever(outcome);
  }
}

/** Facts of the run under the status it ran in, then the one event that carries the status it led to. */
function endEvents({ run, outcome }: EndOperationInput, record: StoreRecord, to: StoreStatus): EventDraft[] {
  const kept = keepsStatus(record, outcome);
  const last = { dedupeKey: endedKey(run), status: kept ? record.status : to };
  switch (outcome.kind) {
    case 'ready':
      return [
        stepCompleted(run, outcome.completed, record.status),
        { ...last, type: 'store.ready', message: 'The store is ready', data: { verification: outcome.verification } },
      ];
    case 'failed':
      return [...failureEvents(run, outcome, record.status), { ...last, ...storeFailed(run, outcome) }];
    case 'cancelled':
      return [
        ...undoEvents(run, outcome.undo, record.status),
        {
          ...last,
          type: 'store.cancelled',
          message: kept ? 'The retry was cancelled before it began' : 'The provision was cancelled',
          step: outcome.step,
          data: { undo: outcome.undo },
        },
      ];
    case 'deleted':
      return [{ ...last, type: 'store.deleted', message: 'The store is deleted', data: { receipt: outcome.receipt } }];
    default:
      return assertNever(outcome);
  }
}

type Failed = Extract<OperationOutcome, { readonly kind: 'failed' }>;

function storeFailed(run: OperationRun, { failure, undo }: Failed) {
  return {
    type: 'store.failed',
    message: `The ${run.kind} failed: ${failure.message}`,
    step: failure.step,
    data: { code: failure.code, undo },
  } as const;
}

function failureEvents(run: OperationRun, { failure, undo }: Failed, status: StoreStatus): EventDraft[] {
  const { step, code, message, evidence } = failure;
  const undone = undoEvents(run, undo, status);
  if (step === null) return undone;
  const stepFailed: EventDraft = {
    type: 'step.failed',
    dedupeKey: `${runKey(run)}/${step}/failed`,
    status,
    step,
    message: `Step ${step} failed: ${message}`,
    data: { code, evidence },
  };
  return [stepFailed, ...undone];
}

function undoEvents(run: OperationRun, { undone, leftBehind }: UndoReport, status: StoreStatus): EventDraft[] {
  return [
    ...undone.map((undo): EventDraft => ({
      type: 'undo.completed',
      dedupeKey: `${runKey(run)}/undo/${undo}/completed`,
      status,
      message: `Undid ${undo}`,
      data: { undo },
    })),
    ...leftBehind.map((undo): EventDraft => ({
      type: 'undo.failed',
      dedupeKey: `${runKey(run)}/undo/${undo}/failed`,
      status,
      message: `Could not undo ${undo}`,
      data: { undo },
    })),
  ];
}

/** The end of a step; `recordProgress` and a successful end may both report it, and it is written once. */
export function stepCompleted(run: OperationRun, completed: StepRecord, status: StoreStatus): EventDraft {
  const { step, durationMs, data } = completed;
  return {
    type: 'step.completed',
    dedupeKey: `${runKey(run)}/${step}/completed`,
    status,
    step,
    message: `Step ${step} completed`,
    data: { ...data, durationMs },
  };
}

/** Runs in the transaction of the one move to `deleted`, so a store leaves the count once. */
async function releaseQuota(tx: Transaction, tenantId: string, now: Date): Promise<void> {
  await tx
    .update(tenantQuotas)
    .set({ liveStores: sql`${tenantQuotas.liveStores} - 1`, updatedAt: now })
    .where(eq(tenantQuotas.tenantId, tenantId));
}
