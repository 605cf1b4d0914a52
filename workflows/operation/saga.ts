import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { UndoReport } from '../../domain/operations/outcomes.ts';

/** Registers the undo of a step. Call it before the step acts, so that the undo also covers a step that fails half-way. */
export type RegisterUndo = (name: string, undo: () => Promise<unknown>) => void;

export type SagaResult<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'undone'; readonly cause: unknown; readonly report: UndoReport };

interface SagaParts<T, R> {
  readonly body: (undo: RegisterUndo) => Promise<T>;
  /** Confirms the result of `body`. A CancelledFailure starts the undo; any other error is thrown without an undo. */
  readonly confirm: (value: T) => Promise<R>;
  readonly beforeUndo: (cause: unknown) => Promise<void>;
}

interface RegisteredUndo {
  readonly name: string;
  readonly undo: () => Promise<unknown>;
}

/**
 * Runs `body`, then `confirm`. When `body` throws (a failure or a requested cancel) or `confirm` throws a CancelledFailure,
 * `beforeUndo` receives the cause, and then every registered undo runs, last in, first out. Cancellation reaches `body` only.
 * An undo that fails never stops the others.
 *
 * @throws any other error of `confirm`, and every error of `beforeUndo`.
 */
export async function saga<T, R>({ body, confirm, beforeUndo }: SagaParts<T, R>): Promise<SagaResult<R>> {
  const undos: RegisteredUndo[] = [];
  const attempted = await settled(body((name, undo) => undos.push({ name, undo })));
  return CancellationScope.nonCancellable(async () => {
    const ended = attempted.kind === 'done' ? await settled(confirm(attempted.value), isCancellation) : attempted;
    if (ended.kind === 'done') return ended;
    await beforeUndo(ended.cause);
    return { kind: 'undone', cause: ended.cause, report: await unwind(undos.toReversed()) };
  });
}

type Settled<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'thrown'; readonly cause: unknown };

/** @throws an error for which `isExpected` returns false. */
async function settled<T>(work: Promise<T>, isExpected = (_cause: unknown): boolean => true): Promise<Settled<T>> {
  try {
    return { kind: 'done', value: await work };
  } catch (cause) {
    if (!isExpected(cause)) throw cause;
    return { kind: 'thrown', cause };
  }
}

async function unwind(undos: readonly RegisteredUndo[]): Promise<UndoReport> {
  const undone: string[] = [];
  const leftBehind: string[] = [];
  for (const { name, undo } of undos) {
    try {
      await undo();
      undone.push(name);
    } catch (error) {
      log.error('the undo of a step failed', { undo: name, error });
      leftBehind.push(name);
    }
  }
  return { undone, leftBehind };
}
