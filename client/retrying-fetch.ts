import { ConnectionError } from './errors.ts';
import { pause } from './pause.ts';

/** Attempts of one request, including the first. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 10_000;

export interface RetryOptions {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Replaced in tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Returns a fetch that repeats a request if that is safe and can help: reads, deletes, and requests with an
 * `Idempotency-Key`, after a lost connection or a response that says when to try again.
 *
 * @throws ConnectionError when the last attempt gets no response.
 */
export function retryingFetch({ fetch, pause: wait = pause }: RetryOptions) {
  return async function send(request: Request): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt === ATTEMPTS || !isSafeToRepeat(request);
      const result = await attemptOnce(fetch, request);
      if (result instanceof ConnectionError) {
        if (isLast) throw result;
        await wait(backoffMs(attempt), request.signal);
        continue;
      }
      const retryAfterMs = retryAfterOf(result);
      if (isLast || retryAfterMs === undefined) return result;
      await result.body?.cancel();
      await wait(Math.min(Math.max(retryAfterMs, backoffMs(attempt)), MAX_PAUSE_MS), request.signal);
    }
  };
}

async function attemptOnce(fetch: RetryOptions['fetch'], request: Request): Promise<Response | ConnectionError> {
  try {
    // A request can be sent once, because its body is a stream.
    return await fetch(request.clone());
  } catch (error) {
    if (request.signal.aborted) throw error;
    const { hostname, port } = new URL(request.url);
    return new ConnectionError(`The API at ${hostname}:${port} does not respond: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
}

/** Returns the reason behind Node's "fetch failed". A connection that fails for each address of a host has only a code. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  const { message = '', code = '' } = cause as { readonly message?: string; readonly code?: string };
  return message === '' ? code : message;
}

function isSafeToRepeat({ method, headers }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'DELETE' || headers.has('idempotency-key');
}

/** Returns the milliseconds to wait, or undefined if another attempt cannot help. */
function retryAfterOf({ status, headers }: Response): number | undefined {
  if (status !== 503 && status !== 429) return undefined;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}

function backoffMs(attempt: number): number {
  const ceiling = FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
