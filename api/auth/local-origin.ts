import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';
import { Problem } from '../problems/problem.ts';
import { isLoopback } from './loopback.ts';

const READ_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Rejects changes that a web page of another origin requests. The loopback address excludes other machines, but not the
 * pages in a browser on this machine: they can send a POST without a body to any address.
 *
 * @throws Problem ORIGIN_REFUSED
 */
export const localOrigin = createMiddleware<AppEnv>(async (c, next) => {
  const origin = c.req.header('origin');
  if (origin !== undefined && !READ_METHODS.has(c.req.method) && !isLocal(origin)) {
    throw new Problem('ORIGIN_REFUSED', 'A page that is not served from this machine cannot change stores.');
  }
  await next();
});

function isLocal(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}
