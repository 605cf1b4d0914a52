import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';

/**
 * Removes the `Content-Type` of a request with an empty body. Many clients send `Content-Type: application/json` with every
 * request, and Hono's validator would parse the empty body as JSON. Use it for routes with an optional body.
 */
export const optionalJson = createMiddleware<AppEnv>(async (c, next) => {
  if ((await c.req.text()).trim() === '') {
    const { method, url, signal } = c.req.raw;
    const headers = new Headers(c.req.raw.headers);
    headers.delete('content-type');
    c.req.raw = new Request(url, { method, headers, signal });
  }
  await next();
});
