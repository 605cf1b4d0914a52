import { setTimeout as delay } from 'node:timers/promises';

/** Below Jest's limit for a hook, so that the error names the step. */
const STEP_LIMIT_MS = 30_000;

/**
 * Runs the steps of a teardown one after the other. A step that fails or hangs does not prevent the next ones: after a failed test,
 * a pool may wait for a client that was never released, and the database must be dropped nevertheless.
 *
 * @throws the first error, after all steps, or an Error that names the step which did not end.
 */
export async function closeAll(...steps: readonly (() => Promise<unknown> | undefined)[]): Promise<void> {
  await closeWithin(STEP_LIMIT_MS, steps);
}

/** See `closeAll`. `limitMs` is the time of each step. */
export async function closeWithin(
  limitMs: number,
  steps: readonly (() => Promise<unknown> | undefined)[],
): Promise<void> {
  const errors: unknown[] = [];
  for (const [index, step] of steps.entries()) {
    const timer = new AbortController();
    const limit = delay(limitMs, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`step ${index + 1} of ${steps.length} did not end within ${limitMs} ms: ${String(step)}`);
    });
    limit.catch(() => undefined); // aborted when the step ends in time
    try {
      await Promise.race([step(), limit]);
    } catch (error) {
      errors.push(error);
    } finally {
      timer.abort();
    }
  }
  if (errors.length > 0) throw errors[0];
}
