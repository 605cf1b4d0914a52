import { causeOf } from '../../domain/failure.ts';
import type { EndOperationInput, RecordProgressInput } from '../../domain/operations/inputs.ts';
import type { StepRecord } from '../../domain/operations/outcomes.ts';
import type { OperationObserver } from '../../domain/ports/operation-observer.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import type { EventDraft } from '../stores/events.ts';
import type { StoreRecord } from '../stores/record.ts';

type Note = (observer: OperationObserver) => void;

// Keyed by the transaction, so that no caller must pass an observer through every function.
const notesOf = new WeakMap<Transaction, Note[]>();

/** Runs a transaction. After its commit, the observer gets the notes of its writers. Default: no observer. */
export async function observing<Result>(
  db: Database,
  observer: OperationObserver | undefined,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  if (observer === undefined) return db.transaction(work);
  const notes: Note[] = [];
  const result = await db.transaction((tx) => {
    notesOf.set(tx, notes);
    return work(tx);
  });
  for (const note of notes) note(observer);
  return result;
}

/** Notes a completed step, if its event is one of those that the transaction has written first. */
export function noteStep(
  tx: Transaction,
  { store, run }: RecordProgressInput | EndOperationInput,
  { completed, written }: { readonly completed: StepRecord | null; readonly written: readonly EventDraft[] },
): void {
  if (completed === null || !written.some(({ type }) => type === 'step.completed')) return;
  const { step, durationMs } = completed;
  const { engine } = store;
  notesOf.get(tx)?.push((observer) => observer.stepCompleted({ kind: run.kind, engine, step, durationMs }));
}

/** Notes the end of an operation. The caller has made sure that this is its first end. */
export function noteEnd(
  tx: Transaction,
  record: Pick<StoreRecord, 'engine' | 'overrides' | 'operation'>,
  { run, outcome }: EndOperationInput,
  endedAt: Date,
): void {
  const { engine, overrides, operation } = record;
  const code = outcome.kind === 'failed' ? outcome.failure.code : null;
  const failure = code === null ? null : { code, cause: causeOf(code, { hasOverrides: overrides !== null }) };
  const { requestedAt } = operation;
  notesOf
    .get(tx)
    ?.push((observer) =>
      observer.operationEnded({ kind: run.kind, engine, outcome: outcome.kind, failure, requestedAt, endedAt }),
    );
}
