import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';
import type { RequestObserver } from '../metrics/request-metrics.ts';
import { routeOf } from './route-of.ts';

/** Returns a middleware that reports each request after its response has begun. */
export function requestMetrics(requests: RequestObserver) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const startedMs = performance.now();
    await next();
    requests.observe({
      route: routeOf(c) ?? 'other',
      method: c.req.method,
      status: c.res.status,
      seconds: (performance.now() - startedMs) / 1_000,
      problem: (c.var as Partial<AppEnv['Variables']>).problem,
    });
  });
}
