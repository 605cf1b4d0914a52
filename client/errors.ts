import type { Problem } from './schema.d.ts';

/** An error response of the API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** The problem of the response. Undefined: the response came from something else, such as a proxy. */
  readonly problem: Problem | undefined;
  /** Error code of OAuth, in a response to a poll of a device login (RFC 8628). */
  readonly oauthError: string | undefined;

  constructor(status: number, problem: Problem | undefined, oauthError?: string) {
    super(problem?.detail ?? `The response has the status ${status} and no problem.`);
    this.status = status;
    this.problem = problem;
    this.oauthError = oauthError;
  }
}

/** The API did not respond. `cause` has the reason. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** Returns whether a value is a problem of the API. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;
}

/** Returns the error code of a response in the form of OAuth (RFC 6749), or undefined. */
export function oauthErrorOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined;
  return typeof value.error === 'string' ? value.error : undefined;
}
