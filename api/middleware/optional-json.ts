import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';

/**
 * Replaces an empty body by `{}`, so that the fields get their defaults. Without it, Hono's validator skips the schema of a
 * request without a `Content-Type`, and parses an empty body as JSON if there is one: many clients send
 * `Content-Type: application/json` with every request. Use it for routes with an optional body.
 */
export const optionalJson = createMiddleware<AppEnv>(async (c, next) => {
  if ((await c.req.text()) === '') {
    const { method, url, signal } = c.req.raw;
    const headers = new Headers(c.req.raw.headers);
    headers.set('content-type', 'application/json');
    headers.delete('content-length');
    c.req.raw = new Request(url, { method, headers, signal, body: '{}' });
    c.req.bodyCache = {};
  }
  await next();
});
