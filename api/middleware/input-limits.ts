import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';
import { Problem } from '../problems/problem.ts';
import { isRead } from './read-methods.ts';

/** Maximum size of a request body. No valid request comes near it. */
const MAX_BODY_BYTES = 64 * 1024;
/** Maximum length of a URL. */
const MAX_URL_LENGTH = 8 * 1024;
/** Maximum nesting of objects and arrays in a body. Chart values of a store, the deepest input, have five levels. */
const MAX_DEPTH = 32;

function refuseLargeBody(): never {
  throw new Problem('BODY_TOO_LARGE', `The body has more than ${MAX_BODY_BYTES} bytes.`);
}

const limitStream = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseLargeBody });

/**
 * Rejects a body with more than 64 KiB, also one without a Content-Length. The server drops the body of a read, and reads no more
 * than the Content-Length of any other request. Only to look for the body costs more than all other checks.
 *
 * @throws Problem BODY_TOO_LARGE
 */
export const limitBodySize = createMiddleware<AppEnv>(async (c, next) => {
  if (isRead(c.req.method)) return next();
  const length = lengthOf(c);
  if (length === undefined) return limitStream(c, next);
  if (length > MAX_BODY_BYTES) refuseLargeBody();
  return next();
});

/** Returns the Content-Length of a request, or undefined if the end of the body is not known. */
function lengthOf(c: Context<AppEnv>): number | undefined {
  const length = c.req.header('content-length');
  const isChunked = c.req.header('transfer-encoding') !== undefined;
  return length === undefined || isChunked ? undefined : Number(length);
}

function hasBody(c: Context<AppEnv>): boolean {
  const length = lengthOf(c);
  return length === undefined ? c.req.raw.body !== null : length > 0;
}

/** Rejects a URL with more than 8 KiB. @throws Problem URL_TOO_LONG */
export const limitUrl = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.url.length > MAX_URL_LENGTH) {
    throw new Problem('URL_TOO_LONG', `The URL has more than ${MAX_URL_LENGTH} characters.`);
  }
  await next();
});

/**
 * Rejects a body that is nested too deeply: functions that walk through a value call themselves for each level.
 *
 * @throws Problem INVALID_REQUEST
 */
export const limitBodyDepth = createMiddleware<AppEnv>(async (c, next) => {
  if (!isRead(c.req.method) && hasBody(c) && depthOf(await c.req.text()) > MAX_DEPTH) {
    throw new Problem('INVALID_REQUEST', 'The body is not valid. See `errors`.', {
      extensions: {
        errors: [{ in: 'body', pointer: '', detail: `must have at most ${MAX_DEPTH} levels of objects and arrays` }],
      },
    });
  }
  await next();
});

const OPENING = new Set(['{', '[']);
const CLOSING = new Set(['}', ']']);

/** Returns how deeply the objects and arrays of a JSON text are nested. Brackets inside of strings do not count. */
export function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const token of json.match(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs) ?? []) {
    if (OPENING.has(token)) depth += 1;
    else if (CLOSING.has(token)) depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
