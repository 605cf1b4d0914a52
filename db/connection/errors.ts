import { StoreError } from '../../domain/failure.ts';

/** Error codes of Node sockets that mean that a connection could not be opened or was lost. */
const SOCKET_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * SQLSTATEs of a server that cannot serve requests now, including its timeouts. A class is listed whole if all its
 * members mean this.
 */
const SQL_STATES = /^(?:08...|53...|57P0[1-5]|57014|25P0[34]|25006|55P03)$/;

/** Messages of errors that `pg` throws without a code. Only the text identifies them. */
const PG_MESSAGES =
  /^(?:Connection terminated|Connection ended unexpectedly|Client has encountered a connection error|Client was closed|Query read timeout|timeout exceeded when trying to connect|timeout expired|Cannot use a pool after calling end)/;

/**
 * Converts an error that drizzle or `pg` throws when Postgres does not answer to StoreError DATABASE_UNAVAILABLE.
 * Returns every other error unchanged: it is a bug, or a StoreError already.
 */
export function translateConnectionError(error: unknown): unknown {
  for (let cause = error; isErrorLike(cause); cause = cause.cause) {
    if (cause instanceof StoreError) return error;
    if (isConnectionError(cause)) {
      return new StoreError('DATABASE_UNAVAILABLE', 'The database does not answer. Try again shortly', {
        cause: error,
      });
    }
  }
  return error;
}

interface ErrorLike {
  readonly message: string;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/**
 * Checks the shape, not the class: in a `vm` context, errors of Node sockets are instances of another realm's `Error`.
 */
function isErrorLike(value: unknown): value is ErrorLike {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}

function isConnectionError({ code, message }: ErrorLike): boolean {
  return (typeof code === 'string' && (SOCKET_CODES.has(code) || SQL_STATES.test(code))) || PG_MESSAGES.test(message);
}

/** Wraps each function of an object so that it throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export function translatingConnectionErrors<Verbs extends object>(verbs: Verbs): Verbs {
  const translated = Object.entries(verbs).map(([name, verb]: [string, (...args: unknown[]) => Promise<unknown>]) => [
    name,
    async (...args: unknown[]): Promise<unknown> => {
      try {
        return await verb(...args);
      } catch (error) {
        throw translateConnectionError(error);
      }
    },
  ]);
  // The names and signatures stay the same. Only the thrown errors differ.
  return Object.fromEntries(translated) as Verbs;
}
