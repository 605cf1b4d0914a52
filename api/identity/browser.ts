import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import type { SessionCookie } from '../auth/session-cookie.ts';
import type { Browser } from './logins.ts';

/** Returns the browser that sent a request. */
export function browserOf(c: Context<AppEnv>, cookie: SessionCookie): Browser {
  return {
    address: c.var.client.limitKey,
    userAgent: c.req.header('user-agent'),
    correlationId: c.var.requestId,
    presentSecret: cookie.read(c.req.header('cookie')),
  };
}
