import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { StoreError } from '../../domain/failure.ts';
import type { AppEnv } from '../app-env.ts';
import { Problem } from './problem.ts';
import { isProblemCode, problemKind, problemType } from './catalogue.ts';

/** Value of `Retry-After` in a 503 response: long enough for a restart to progress, short enough for a waiting user. */
const RETRY_AFTER_SECONDS = 5;

/**
 * Returns the problem+json response (RFC 9457) for an error. An error that is not for callers becomes INTERNAL, and its
 * cause is only logged.
 */
export function respondToError(error: unknown, c: Context<AppEnv>): Response {
  const problem = asProblem(error);
  const kind = problemKind(problem.code);
  c.set('problem', problem.code);
  if (kind.status === 500) {
    c.var.log.error({ err: error }, 'the request failed with an unexpected error');
  } else if (kind.status > 500) {
    c.var.log.warn(
      { err: problem.cause ?? problem, code: problem.code },
      'the request failed because a service is unavailable',
    );
  }
  if (kind.status === 503) c.header('Retry-After', String(RETRY_AFTER_SECONDS));
  for (const [name, value] of Object.entries(problem.headers)) c.header(name, value);
  const body = {
    type: problemType(problem.code),
    title: kind.title,
    status: kind.status,
    detail: problem.detail,
    code: problem.code,
    instance: c.req.path,
    correlationId: c.var.requestId,
    ...problem.extensions,
  };
  return c.body(JSON.stringify(body), kind.status, { 'Content-Type': 'application/problem+json' });
}

/** Returns the problem that the caller may see for an error. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreError && isProblemCode(error.code)) {
    return new Problem(error.code, error.publicMessage, { cause: error });
  }
  // Hono's own validators throw only these two statuses.
  if (error instanceof HTTPException && error.status === 400) {
    return new Problem('MALFORMED_JSON', 'The body cannot be read as JSON.');
  }
  if (error instanceof HTTPException && error.status === 415) {
    return new Problem('UNSUPPORTED_MEDIA_TYPE', 'The body must have the media type application/json.');
  }
  return new Problem(
    'INTERNAL',
    'The platform could not process the request. Report the correlation id: the logs have the cause under it.',
    {
      cause: error,
    },
  );
}
