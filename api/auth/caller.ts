import { createMiddleware } from 'hono/factory';
import type { AppEnv, Caller } from '../app-env.ts';

const DEFAULT_CALLER: Caller = { tenantId: 'default-user' };

/** Decides on whose behalf a request acts: the one place to change when authentication comes. */
export const identifyCaller = createMiddleware<AppEnv>(async (c, next) => {
  c.set('caller', DEFAULT_CALLER);
  c.set('log', c.var.log.child({ tenantId: DEFAULT_CALLER.tenantId }));
  await next();
});
