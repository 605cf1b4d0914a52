import { E_TIMEOUT, Semaphore, withTimeout } from 'async-mutex';
import type { Context, MiddlewareHandler } from 'hono';
import { LRUCache } from 'lru-cache';

/*
 * What keeps a shop selling while more customers come than its server can serve. An order takes several requests; served one
 * after the other as they come, each customer's next one waits behind all the new customers' first ones, and nobody gets to
 * the end in time. So what all may see is answered from memory, and those who have no cart yet come in a few at a time.
 */

const NEWCOMERS_AT_ONCE = 2;
const WAIT_MS = 3_000;
const RETRY_AFTER_SECONDS = 2;

/** How old an answer from memory may be: a price or a stock level that is a second old is one that was just sold at. */
const MEMORY_MS = 1_000;
const MEMORY_ANSWERS = 200;
/** Say who asks, or how it got here, and not what is asked for. */
const WITHOUT_INFLUENCE = /^(user-agent|connection|keep-alive|traceparent|tracestate|x-(forwarded|request|real|b3).*)$/;
/** About the transfer, which ends here, or for one customer alone. */
const NOT_KEPT = ['content-encoding', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'set-cookie'];

/** Lets a few requests pass at a time; what has waited for three seconds is answered 503 by `refuse`. */
export function admissionControl(refuse: (c: Context) => Response | Promise<Response>): MiddlewareHandler {
  const turns = withTimeout(new Semaphore(NEWCOMERS_AT_ONCE), WAIT_MS);
  return async (c, next) => {
    try {
      return await turns.runExclusive(next);
    } catch (error) {
      if (error !== E_TIMEOUT) throw error;
      c.header('retry-after', String(RETRY_AFTER_SECONDS));
      return refuse(c);
    }
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ArrayBuffer;
}

/**
 * Answers equal GET requests of nobody in particular alike for a second; those at the same moment share one question. So
 * `ask` must not end with the customer who happened to be first.
 */
export function microCache(
  ask: (c: Context) => Promise<Response>,
  { nowMs = () => performance.now() }: { readonly nowMs?: () => number } = {},
): (c: Context) => Promise<Response> {
  const answers = new LRUCache<string, Answer, Context>({
    max: MEMORY_ANSWERS,
    ttl: MEMORY_MS,
    perf: { now: nowMs },
    ttlResolution: 0,
    fetchMethod: async (_key, _old, { options, context }) => {
      const response = await ask(context);
      const headers = new Headers(response.headers);
      for (const name of NOT_KEPT) headers.delete(name);
      if (!response.ok) options.ttl = 1;
      return { status: response.status, headers, body: await response.arrayBuffer() };
    },
  });
  return async (c) => {
    const isPersonal = c.req.header('authorization') !== undefined || c.req.header('cookie') !== undefined;
    if (c.req.method !== 'GET' || isPersonal) return ask(c);
    const answer = await answers.fetch(keyOf(c), { context: c });
    if (answer === undefined) return ask(c);
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
}

/** All that the server may take into account. */
function keyOf(c: Context): string {
  const { pathname, search } = new URL(c.req.url);
  const headers = Object.entries(c.req.header()).filter(([name]) => !WITHOUT_INFLUENCE.test(name));
  return JSON.stringify([pathname, search, headers]);
}
