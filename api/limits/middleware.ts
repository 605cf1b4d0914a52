import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { actorOf } from '../../domain/access/principal.ts';
import type { AppEnv } from '../app-env.ts';
import { isRead } from '../middleware/read-methods.ts';
import { Problem } from '../problems/problem.ts';
import { PERIOD_SECONDS, type RequestCount } from './limiter.ts';
import type { RequestLimits } from './request-limits.ts';

/**
 * Returns a middleware that limits the requests of an address. It runs before authentication, so that guesses of credentials
 * are limited too.
 *
 * @throws Problem RATE_LIMITED
 */
export function limitAddress(limits: RequestLimits) {
  return createMiddleware<AppEnv>(async (c, next) => {
    check(c, 'address', await limits.ofAddress(c.var.client.limitKey));
    await next();
  });
}

/**
 * Returns a middleware that limits the reads of a principal and the changes of a tenant. It runs after authentication.
 *
 * @throws Problem RATE_LIMITED
 */
export function limitPrincipal(limits: RequestLimits) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { identity } = c.var as Partial<AppEnv['Variables']>;
    if (identity !== undefined) {
      const actor = actorOf(identity.principal);
      const tenantId = identity.membership?.tenantId ?? null;
      if (isRead(c.req.method)) check(c, 'reads', await limits.ofReads(actor));
      else check(c, 'changes', await limits.ofChanges({ actor, tenantId }));
    }
    await next();
  });
}

/** Adds the headers of a limit to the response, and refuses a request that exceeds it. */
function check(c: Context<AppEnv>, name: string, count: RequestCount | undefined): void {
  if (count === undefined) return;
  const { limit, used, resetSeconds, isExceeded } = count;
  // The form of the IETF draft "RateLimit header fields for HTTP": one item for each limit.
  c.header('RateLimit-Policy', `"${name}";q=${limit};w=${PERIOD_SECONDS}`, { append: true });
  c.header('RateLimit', `"${name}";r=${Math.max(0, limit - used)};t=${resetSeconds}`, { append: true });
  if (!isExceeded) return;
  throw new Problem('RATE_LIMITED', `You sent ${used} of ${limit} requests per minute. Wait ${resetSeconds} seconds.`, {
    headers: { 'Retry-After': String(resetSeconds) },
    extensions: { limit, used },
  });
}
