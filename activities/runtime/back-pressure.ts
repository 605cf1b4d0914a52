/** An overloaded service usually recovers within seconds; a longer time would only delay the recovery of the stores. */
const MAX_BACKOFF_MS = 30_000;

/**
 * Returns the milliseconds until the next attempt of an activity whose call was throttled: the time that the service asked
 * for, doubled with each attempt up to 30 s, plus a random part of up to one half. Without the random part, all tasks that a
 * service refuses at the same time would return at the same time.
 */
export function throttledDelayMs(input: {
  /** The time in the answer of the service. It is a minimum. */
  readonly retryAfterMs: number;
  /** Number of this attempt; the first one is 1. */
  readonly attempt: number;
  /** At least 0 and below 1. */
  readonly random: number;
}): number {
  const { retryAfterMs, attempt, random } = input;
  const backoffMs = Math.min(retryAfterMs * 2 ** Math.min(attempt - 1, 10), MAX_BACKOFF_MS);
  return Math.round(Math.max(retryAfterMs, backoffMs) * (1 + random / 2));
}
