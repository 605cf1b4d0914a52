import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { AppEnv } from '../app-env.ts';
import type { RequestObserver } from '../metrics/request-metrics.ts';

/** Returns a middleware that reports each request after its response has begun. */
export function requestMetrics(requests: RequestObserver) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const startedMs = performance.now();
    await next();
    requests.observe({
      route: routeOf(c),
      method: c.req.method,
      status: c.res.status,
      seconds: (performance.now() - startedMs) / 1_000,
      problem: (c.var as Partial<AppEnv['Variables']>).problem,
    });
  });
}

/** Returns the path of the route with its parameters. A path without a route matches only the paths of middleware. */
function routeOf(c: Context<AppEnv>): string {
  const { operation } = c.var as Partial<AppEnv['Variables']>;
  return operation?.path ?? matchedRoutes(c).findLast(({ path }) => !path.includes('*'))?.path ?? 'other';
}
