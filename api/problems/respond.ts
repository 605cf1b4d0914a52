import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { StoreError } from '../../domain/failure.ts';
import type { AppEnv } from '../app-env.ts';
import { Problem } from './problem.ts';
import { isProblemCode, problemKind, problemType } from './catalogue.ts';

/** When to come back after a 503: long enough for a restart to get somewhere, short enough for people. */
const RETRY_AFTER_SECONDS = 5;

/** Answers an error as RFC 9457 says. What is not meant for callers becomes INTERNAL, and its cause is only logged. */
export function respondToError(error: unknown, c: Context<AppEnv>): Response {
  const problem = asProblem(error);
  const kind = problemKind(problem.code);
  if (kind.status === 500) {
    c.var.log.error({ err: error }, 'request failed unexpectedly');
  } else if (kind.status > 500) {
    c.var.log.warn({ err: problem.cause ?? problem, code: problem.code }, 'request could not be served');
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

/** What the caller may know of an error. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreError && isProblemCode(error.code)) {
    return new Problem(error.code, error.publicMessage, { cause: error });
  }
  // Thrown by Hono's own validators: the only two statuses they use.
  if (error instanceof HTTPException && error.status === 400) {
    return new Problem('MALFORMED_JSON', 'The body cannot be read as JSON.');
  }
  if (error instanceof HTTPException && error.status === 415) {
    return new Problem('UNSUPPORTED_MEDIA_TYPE', 'The body must be sent as application/json.');
  }
  return new Problem('INTERNAL', 'Something went wrong on our side; the correlation id leads to the cause.', {
    cause: error,
  });
}
