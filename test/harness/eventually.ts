import { setTimeout as delay } from 'node:timers/promises';

/** What a condition may answer while it does not hold yet; throwing means the same. */
type NotYet = undefined | null | false;

/**
 * Waits until a condition holds and returns what it answered.
 *
 * @throws Error with the last reason when it does not hold within `deadlineMs` (default 30 s).
 */
export async function eventually<T>(
  condition: () => Promise<T | NotYet> | T | NotYet,
  options: { readonly deadlineMs?: number; readonly intervalMs?: number } = {},
): Promise<T> {
  const { deadlineMs = 30_000, intervalMs = 50 } = options;
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    let reason: unknown = 'it did not hold';
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
    } catch (error) {
      reason = error;
    }
    if (Date.now() >= deadline) {
      const why = reason instanceof Error ? reason.message : String(reason);
      throw new Error(`condition not met within ${deadlineMs} ms: ${why}`, { cause: reason });
    }
    await delay(intervalMs);
  }
}
