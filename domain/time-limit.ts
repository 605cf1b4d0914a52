/**
 * Returns a signal that aborts after `ms` milliseconds with a TimeoutError. It may be combined with others by
 * `AbortSignal.any`.
 *
 * `AbortSignal.any` holds its signals weakly. In Node 20 the garbage collector then removes a timeout signal that has
 * no other reference: the combined signal never aborts, and a call without an answer never ends. A listener keeps the
 * signal.
 */
export function timeLimit(ms: number): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  limit.addEventListener('abort', () => undefined);
  return limit;
}
