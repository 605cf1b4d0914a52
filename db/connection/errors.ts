import { StoreError } from '../../domain/failure.ts';

/** Codes of Node's sockets that mean: no connection, or none any more. */
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

/** SQLSTATEs of a server that can't serve now, its time-outs included; whole classes where every member means that. */
const SQL_STATES = /^(?:08...|53...|57P0[1-5]|57014|25P0[34]|25006|55P03)$/;

/** What `pg` throws without a code: it knows these conditions by their text only. */
const PG_MESSAGES =
  /^(?:Connection terminated|Connection ended unexpectedly|Client has encountered a connection error|Client was closed|Query read timeout|timeout exceeded when trying to connect|timeout expired|Cannot use a pool after calling end)/;

/**
 * Turns what drizzle and `pg` throw when Postgres does not answer into the one failure that callers know. Every other
 * error passes through unchanged: it is a bug, or a StoreError already.
 */
export function translateConnectionError(error: unknown): unknown {
  for (let cause = error; isErrorLike(cause); cause = cause.cause) {
    if (cause instanceof StoreError) return error;
    if (isConnectionError(cause)) {
      return new StoreError('DATABASE_UNAVAILABLE', 'The database does not answer; try again shortly', {
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

/** By shape: what Node's sockets throw is an instance of the `Error` of another realm where modules run in a `vm`. */
function isErrorLike(value: unknown): value is ErrorLike {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}

function isConnectionError({ code, message }: ErrorLike): boolean {
  return (typeof code === 'string' && (SOCKET_CODES.has(code) || SQL_STATES.test(code))) || PG_MESSAGES.test(message);
}

/** The same object of verbs, each of which throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
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
  // Same names, same functions: only the errors that they throw differ.
  return Object.fromEntries(translated) as Verbs;
}
