import { E_TIMEOUT, Semaphore, withTimeout } from 'async-mutex';
import type { Context, MiddlewareHandler } from 'hono';
import { LRUCache } from 'lru-cache';
import { readBytes } from '../../domain/bounded-response.ts';

/*
 * Load shedding for a shop with more customers than its server can serve. An order takes several requests. Without a limit each
 * of them waits behind the first requests of all new customers, and no order completes in time. A micro-cache therefore answers
 * public requests, and admission control limits the requests that start new sessions.
 */

const MAX_CONCURRENT_NEW_SESSIONS = 2;
const MAX_WAIT_MS = 3_000;
const RETRY_AFTER_SECONDS = 2;

/** Maximum age of a cached response. A price or a stock level that is one second old was valid when the page was loaded. */
const CACHE_TTL_MS = 1_000;
const CACHE_MAX_ENTRIES = 200;
/** Larger responses are streamed to each client and not cached. */
const CACHE_MAX_RESPONSE_BYTES = 1_048_576;
const CACHE_MAX_BYTES = 33_554_432;
/** Request headers that identify the client or the route but do not change the response. They are not part of the cache key. */
const IGNORED_REQUEST_HEADERS =
  /^(user-agent|connection|keep-alive|traceparent|tracestate|x-(forwarded|request|real|b3).*)$/;
/** Response headers that belong to one connection or to one customer. The cache drops them. */
const DROPPED_RESPONSE_HEADERS = [
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'set-cookie',
];

/**
 * Returns a middleware that lets two requests run at a time and queues the others. A request that has waited for three seconds
 * gets the response of `reject`, which must have the status 503, with Retry-After.
 */
export function admissionControl(reject: (c: Context) => Response | Promise<Response>): MiddlewareHandler {
  const slots = withTimeout(new Semaphore(MAX_CONCURRENT_NEW_SESSIONS), MAX_WAIT_MS);
  return async (c, next) => {
    try {
      return await slots.runExclusive(next);
    } catch (error) {
      if (error !== E_TIMEOUT) throw error;
      c.header('retry-after', String(RETRY_AFTER_SECONDS));
      return reject(c);
    }
  };
}

interface CachedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Returns a handler that caches the responses of anonymous GET requests for one second. Concurrent equal requests share one call
 * of `upstream`, so `upstream` must not abort when the client of the first request disconnects. Errors and responses of more
 * than one megabyte are not cached.
 */
export function microCache(
  upstream: (c: Context) => Promise<Response>,
  { nowMs = () => performance.now() }: { readonly nowMs?: () => number } = {},
): (c: Context) => Promise<Response> {
  const cache = new LRUCache<string, CachedResponse, Context>({
    max: CACHE_MAX_ENTRIES,
    maxSize: CACHE_MAX_BYTES,
    sizeCalculation: ({ body }) => Math.max(body.byteLength, 1),
    ttl: CACHE_TTL_MS,
    perf: { now: nowMs },
    ttlResolution: 0,
    fetchMethod: async (_key, _old, { options, context }) => {
      const response = await upstream(context);
      const headers = new Headers(response.headers);
      for (const name of DROPPED_RESPONSE_HEADERS) headers.delete(name);
      if (!response.ok) options.ttl = 1;
      const body = await readBytes(response, CACHE_MAX_RESPONSE_BYTES);
      return body === undefined ? undefined : { status: response.status, headers, body };
    },
  });
  return async (c) => {
    const isPersonal = c.req.header('authorization') !== undefined || c.req.header('cookie') !== undefined;
    if (c.req.method !== 'GET' || isPersonal) return upstream(c);
    const cached = await cache.fetch(cacheKey(c), { context: c });
    if (cached === undefined) return upstream(c);
    return new Response(cached.body, { status: cached.status, headers: cached.headers });
  };
}

/** Returns a key of everything that can change the response: path, query and the remaining headers. */
function cacheKey(c: Context): string {
  const { pathname, search } = new URL(c.req.url);
  const headers = Object.entries(c.req.header()).filter(([name]) => !IGNORED_REQUEST_HEADERS.test(name));
  return JSON.stringify([pathname, search, headers]);
}
