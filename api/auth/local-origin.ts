import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';
import { Problem } from '../problems/problem.ts';
import { isLoopback } from './loopback.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses changes asked for by web pages from elsewhere. Listening on loopback keeps other machines out, but not the
 * pages in a browser on this one: they can send a bodiless POST to any address, and nothing else stops them yet.
 */
export const localOrigin = createMiddleware<AppEnv>(async (c, next) => {
  const origin = c.req.header('origin');
  if (origin !== undefined && !READING.has(c.req.method) && !isLocal(origin)) {
    throw new Problem('ORIGIN_REFUSED', 'Only pages served from this machine may change stores.');
  }
  await next();
});

function isLocal(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}
