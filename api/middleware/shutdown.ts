import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';
import type { Health } from '../health/health.ts';

/**
 * Closes each connection after its response during a shutdown. Otherwise idle keep-alive connections would delay the
 * shutdown.
 */
export function whileShuttingDown(health: Health) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (health.isShuttingDown()) c.header('Connection', 'close');
  });
}
