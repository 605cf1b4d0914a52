import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';

/** Request headers of the API that a page of another origin may send. */
const REQUEST_HEADERS = [
  'Accept',
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'X-Correlation-ID',
  'X-Tenant-ID',
];
/** Response headers of the API that a page of another origin may read. */
const RESPONSE_HEADERS = [
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Operation-Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Correlation-ID',
];
/** Seconds for which a browser remembers the answer to a preflight request. */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of some other origins use the API with a token (CORS). Browsers neither send nor store cookies in such requests, so
 * these pages never act with the session of a user. Pages of all other origins get no CORS header.
 */
export function crossOrigin(origins: readonly string[] = []) {
  const respond = cors({
    origin: (origin) => origin,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: REQUEST_HEADERS,
    exposeHeaders: RESPONSE_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
    credentials: false,
  });
  return createMiddleware<AppEnv>(async (c, next) => {
    if (origins.length === 0) return next();
    const origin = c.req.header('origin');
    if (origin !== undefined && origins.includes(origin)) return respond(c, next);
    c.header('Vary', 'Origin', { append: true }); // a cache must not give this response to an allowed origin
    return next();
  });
}
