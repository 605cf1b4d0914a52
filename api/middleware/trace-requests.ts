import { createMiddleware } from 'hono/factory';
import type { Tracing } from '../../telemetry/tracing/tracing.ts';
import type { AppEnv } from '../app-env.ts';
import { routeOf } from './route-of.ts';

/**
 * Returns a middleware that records a span for each request, below the span that the caller names in the header
 * `traceparent`. The span has neither the path nor the query, the headers or the body, because they can hold secrets.
 */
export function traceRequests(tracing: Tracing) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { method } = c.req;
    // Probes arrive every few seconds and would hide all other traces.
    if (c.req.path.startsWith('/health')) return next();
    const parent = { traceparent: c.req.header('traceparent'), tracestate: c.req.header('tracestate') };
    const attributes = { 'http.request.method': method };
    return tracing.inSpan({ name: method, kind: 'server', parent, attributes }, async (span) => {
      await next();
      const { requestId, caller, problem } = c.var as Partial<AppEnv['Variables']>;
      const { status } = c.res;
      const route = routeOf(c);
      if (route !== undefined) span.rename(`${method} ${route}`);
      span.set({
        'http.route': route,
        'http.response.status_code': status,
        'store_platform.correlation_id': requestId,
        'store_platform.tenant_id': caller?.tenantId,
        'store_platform.problem': problem,
      });
      if (status >= 500) span.fail(problem ?? String(status));
    });
  });
}
