import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';
import type { Health } from '../health/health.ts';

/** Ends each connection with the answer under way, or idle keep-alives would hold the shutdown up. */
export function whileShuttingDown(health: Health) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (health.isShuttingDown()) c.header('Connection', 'close');
  });
}
