import { createMiddleware } from 'hono/factory';
import type { Logger } from '../../telemetry/logger.ts';
import type { AppEnv } from '../app-env.ts';

/** Paths that end with a secret. */
const SECRET_PATH = /^(\/invitations\/).+/;

/** Gives each request a logger with its correlation id, and writes one line after the response. */
export function requestLog(log: Logger) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const startedMs = performance.now();
    c.set('log', log.child({ correlationId: c.var.requestId, clientAddress: c.var.client.address }));
    await next();
    const line = {
      method: c.req.method,
      path: c.req.path.replace(SECRET_PATH, '$1[redacted]'),
      status: c.res.status,
      durationMs: Math.round((performance.now() - startedMs) * 10) / 10,
    };
    // Health requests arrive every few seconds and would hide all other lines.
    const level = c.req.path.startsWith('/health') ? 'debug' : 'info';
    // The sender does not wait for the line.
    setImmediate(() => c.var.log[level](line, 'request'));
  });
}
