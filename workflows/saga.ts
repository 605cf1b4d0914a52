import { CancellationScope, log } from '@temporalio/workflow';
import type { UndoReport } from '../domain/operations.ts';

/** Registers how to undo a step. Call it before the step acts: a step that failed half-way is undone too. */
export type RegisterUndo = (name: string, undo: () => Promise<unknown>) => void;

export type SagaResult<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'undone'; readonly cause: unknown; readonly report: UndoReport };

/**
 * Runs `body`; when it throws (a failure or a requested cancel), `beforeUndo` sees the cause and then every registered
 * undo runs, last in, first out, in a scope that cancellation does not reach. An undo that fails never stops the others.
 */
export async function saga<T>(
  body: (undo: RegisterUndo) => Promise<T>,
  beforeUndo: (cause: unknown) => Promise<void>,
): Promise<SagaResult<T>> {
  const undos: { readonly name: string; readonly undo: () => Promise<unknown> }[] = [];
  try {
    return { kind: 'done', value: await body((name, undo) => undos.push({ name, undo })) };
  } catch (cause) {
    const report = await CancellationScope.nonCancellable(async () => {
      await beforeUndo(cause);
      return unwind(undos.toReversed());
    });
    return { kind: 'undone', cause, report };
  }
}

async function unwind(
  undos: readonly { readonly name: string; readonly undo: () => Promise<unknown> }[],
): Promise<UndoReport> {
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
