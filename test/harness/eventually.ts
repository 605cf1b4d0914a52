import { setTimeout as delay } from 'node:timers/promises';

/** Values that mean "the condition does not hold yet". An exception means the same. */
type NotYet = undefined | null | false;

const FIRST_INTERVAL_MS = 50;
const LONGEST_INTERVAL_MS = 250;

/** Polls long waits less often: a poll is at most 5 % late, and each poll takes processor time from the process under test. */
function intervalAfter(waitedMs: number): number {
  return Math.min(LONGEST_INTERVAL_MS, Math.max(FIRST_INTERVAL_MS, waitedMs / 20));
}

/**
 * Polls a condition until it holds and returns its value. `intervalMs` is the poll interval; the default grows from 50 ms to
 * 250 ms.
 *
 * @throws Error with the last reason if the condition does not hold within `deadlineMs` (default 30 s).
 */
export async function eventually<T>(
  condition: () => Promise<T | NotYet> | T | NotYet,
  options: { readonly deadlineMs?: number; readonly intervalMs?: number } = {},
): Promise<T> {
  const { deadlineMs = 30_000, intervalMs } = options;
  const begun = Date.now();
  for (;;) {
    let reason: unknown = 'the condition returned no value';
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
    } catch (error) {
      reason = error;
    }
    const waitedMs = Date.now() - begun;
    if (waitedMs >= deadlineMs) {
      const why = reason instanceof Error ? reason.message : String(reason);
      throw new Error(`condition not met within ${deadlineMs} ms: ${why}`, { cause: reason });
    }
    await delay(intervalMs ?? intervalAfter(waitedMs));
  }
}
