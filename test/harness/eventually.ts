import { setTimeout as delay } from 'node:timers/promises';

/** What a condition may answer while it does not hold yet; throwing means the same. */
type NotYet = undefined | null | false;

const FIRST_INTERVAL_MS = 50;
const LONGEST_INTERVAL_MS = 250;

/** Long waits are asked about less often: what they oversleep is a twentieth of them, and the asking costs the waited for. */
function intervalAfter(waitedMs: number): number {
  return Math.min(LONGEST_INTERVAL_MS, Math.max(FIRST_INTERVAL_MS, waitedMs / 20));
}

/**
 * Waits until a condition holds and returns what it answered. It is asked every `intervalMs`; by default every 50 ms at
 * first, and every 250 ms in the end.
 *
 * @throws Error with the last reason when it does not hold within `deadlineMs` (default 30 s).
 */
export async function eventually<T>(
  condition: () => Promise<T | NotYet> | T | NotYet,
  options: { readonly deadlineMs?: number; readonly intervalMs?: number } = {},
): Promise<T> {
  const { deadlineMs = 30_000, intervalMs } = options;
  const begun = Date.now();
  for (;;) {
    let reason: unknown = 'it did not hold';
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
