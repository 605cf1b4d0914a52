import { createMiddleware } from 'hono/factory';
import type { AppEnv, Caller } from '../app-env.ts';

const DEFAULT_CALLER: Caller = { tenantId: 'default-user' };

/** Sets the caller of each request. Authentication will replace this middleware. */
export const identifyCaller = createMiddleware<AppEnv>(async (c, next) => {
  c.set('caller', DEFAULT_CALLER);
  c.set('log', c.var.log.child({ tenantId: DEFAULT_CALLER.tenantId }));
  await next();
});
