import { ApiError, ConnectionError } from '../client/index.ts';

/** Exit codes by kind of failure. Scripts rely on them. */
export const EXIT_CODES = {
  ok: 0,
  other: 1,
  usage: 2,
  notAuthorized: 3,
  notFound: 4,
  conflict: 5,
  limit: 6,
  storeFailed: 7,
  interrupted: 130,
} as const;

/** A wrong call of the command. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The present state does not allow what the command asks for. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** A login that a person denied, or that expired. */
export class LoginError extends Error {
  override readonly name = 'LoginError';
}

/** An operation that did not succeed, although all requests did. */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
}

/** Another program ended with an exit code that becomes that of this one. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

const BY_STATUS: Readonly<Record<number, number>> = {
  400: EXIT_CODES.usage,
  401: EXIT_CODES.notAuthorized,
  403: EXIT_CODES.notAuthorized,
  404: EXIT_CODES.notFound,
  409: EXIT_CODES.conflict,
  412: EXIT_CODES.conflict,
  422: EXIT_CODES.conflict,
  429: EXIT_CODES.limit,
};

/** Returns the exit code of an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT_CODES.usage;
  if (error instanceof ConflictError) return EXIT_CODES.conflict;
  if (error instanceof LoginError) return EXIT_CODES.notAuthorized;
  if (error instanceof OperationFailed) return EXIT_CODES.storeFailed;
  if (error instanceof ProgramFailed) return error.exitCode;
  if (error instanceof ApiError) return BY_STATUS[error.status] ?? EXIT_CODES.other;
  if (error instanceof Error && error.name === 'AbortError') return EXIT_CODES.interrupted;
  return EXIT_CODES.other;
}

/** Returns the lines that tell a person about an error. */
export function describe(error: unknown): readonly string[] {
  if (error instanceof ApiError && error.problem !== undefined) {
    const { code, detail, correlationId, errors = [] } = error.problem;
    const fields = errors.map((field) => `  ${field.in} ${field.pointer}: ${field.detail}`);
    return [`${detail} (${code})`, ...fields, `  correlation id: ${correlationId}`];
  }
  if (error instanceof ConnectionError)
    return [error.message, '  Set --url or STORE_PLATFORM_URL to the address of the API.'];
  return [error instanceof Error ? error.message : String(error)];
}
