import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { UndoReport } from '../../domain/operations/outcomes.ts';

/** Registers how to undo a step. Call it before the step acts: a step that failed half-way is undone too. */
export type RegisterUndo = (name: string, undo: () => Promise<unknown>) => void;

export type SagaResult<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'undone'; readonly cause: unknown; readonly report: UndoReport };

interface SagaParts<T, R> {
  readonly body: (undo: RegisterUndo) => Promise<T>;
  /** Declares all done. It may still object, by a CancelledFailure; any other failure of it undoes nothing. */
  readonly confirm: (value: T) => Promise<R>;
  readonly beforeUndo: (cause: unknown) => Promise<void>;
}

interface RegisteredUndo {
  readonly name: string;
  readonly undo: () => Promise<unknown>;
}

/**
 * Runs `body`, then `confirm`; when the one throws (a failure or a requested cancel) or the other objects, `beforeUndo` sees
 * the cause and then every registered undo runs, last in, first out. Cancellation reaches `body` only. An undo that fails
 * never stops the others.
 */
export async function saga<T, R>({ body, confirm, beforeUndo }: SagaParts<T, R>): Promise<SagaResult<R>> {
  const undos: RegisteredUndo[] = [];
  const tried = await settled(body((name, undo) => undos.push({ name, undo })));
  return CancellationScope.nonCancellable(async () => {
    const ended = tried.kind === 'done' ? await settled(confirm(tried.value), isCancellation) : tried;
    if (ended.kind === 'done') return ended;
    await beforeUndo(ended.cause);
    return { kind: 'undone', cause: ended.cause, report: await unwind(undos.toReversed()) };
  });
}

type Settled<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'thrown'; readonly cause: unknown };

/** @throws what `isExpected` does not take for an outcome. */
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
      log.error('undo failed', { undo: name, error });
      leftBehind.push(name);
    }
  }
  return { undone, leftBehind };
}
