/**
 * A signal that aborts after `ms` with a TimeoutError, to be combined with others by `AbortSignal.any`.
 *
 * What `any` combines it holds weakly, and Node 20 lets the garbage collector take a time-out that nobody else holds: the
 * combined signal then never aborts, and a call that gets no answer waits for ever. A listener of its own keeps it.
 */
export function timeLimit(ms: number): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  limit.addEventListener('abort', () => undefined);
  return limit;
}
