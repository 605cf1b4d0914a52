import { DrizzleQueryError } from 'drizzle-orm';
import { DatabaseError } from 'pg';
import { StoreError } from '../../domain/failure.ts';
import { postgresAnswerOf } from './postgres-answer.ts';

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

/** Message of `pg` when a server does not answer a query in time. */
const QUERY_TIMEOUT = 'Query read timeout';
const READ_ONLY_TRANSACTION = '25006';

/**
 * SQLSTATE of an invalid message. PgBouncer also uses it for its own passing failures, so only this message means that the
 * request can never succeed.
 */
const PROTOCOL_VIOLATION = '08P01';
const UNSUPPORTED_PARAMETER = /^unsupported startup parameter/;

/** SQLSTATE class of data exceptions. Their messages quote the rejected value. */
const DATA_EXCEPTION = /^22/;

/**
 * Converts an error that drizzle or `pg` throws when Postgres does not answer to StoreError DATABASE_UNAVAILABLE. Every
 * other error is a bug, or a StoreError already, and is returned. No returned error contains SQL or parameters, because
 * it may be logged or stored in a workflow history.
 */
export function translateConnectionError(error: unknown): unknown {
  for (let cause = error; isErrorLike(cause); cause = cause.cause) {
    if (cause instanceof StoreError) return error;
    if (isConnectionError(cause)) {
      const answer = postgresAnswerOf(cause);
      const message =
        answer === undefined
          ? 'The database does not answer. Try again shortly'
          : `The database cannot serve the request. ${answer}`;
      return new StoreError('DATABASE_UNAVAILABLE', message, { cause: withoutQuery(error) });
    }
  }
  return withoutQuery(error);
}

/** Returns an error of a query without the SQL, the parameters and the values that Postgres quotes. */
function withoutQuery(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  if (cause instanceof DatabaseError) return withoutValues(cause, error);
  if (!(error instanceof DrizzleQueryError)) return error;
  return withStackOf(
    error,
    cause instanceof Error ? new Error(`a query failed: ${cause.message}`, { cause }) : new Error('a query failed'),
  );
}

function withoutValues(error: DatabaseError, thrown: unknown): Error {
  const { code = 'unknown', table, constraint } = error;
  const reason = DATA_EXCEPTION.test(code) ? 'a value is invalid' : error.message;
  const facts = [
    `SQLSTATE ${code}`,
    ...(table === undefined ? [] : [`table ${table}`]),
    ...(constraint === undefined ? [] : [`constraint ${constraint}`]),
  ];
  const message = `Postgres rejected a query: ${reason} (${facts.join(', ')})`;
  return withStackOf(thrown, Object.assign(new Error(message), { code, answer: reason }));
}

/** Gives an error the stack frames of another one. Its own frames would not lead to the query. */
function withStackOf(thrown: unknown, error: Error): Error {
  const { message = '', stack = '' } = thrown instanceof Error ? thrown : {};
  const start = stack.indexOf(message);
  if (start >= 0) error.stack = `${error.name}: ${error.message}${stack.slice(start + message.length)}`;
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

/** Returns whether an error of `pg` means that Postgres does not answer or cannot serve requests now. */
export function isConnectionError({ code, message }: ErrorLike): boolean {
  if (code === PROTOCOL_VIOLATION && UNSUPPORTED_PARAMETER.test(message)) return false;
  return (typeof code === 'string' && (SOCKET_CODES.has(code) || SQL_STATES.test(code))) || PG_MESSAGES.test(message);
}

/**
 * Returns whether an error of one connection says something about all connections to the server: it stopped answering, or it became read-only.
 */
export function isAboutTheServer(error: unknown): boolean {
  return isErrorLike(error) && (error.message === QUERY_TIMEOUT || error.code === READ_ONLY_TRANSACTION);
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
