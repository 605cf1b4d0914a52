import type { StoreAction } from '../../domain/store/actions.ts';
import type { StoreResource } from '../../domain/store/store.ts';

/**
 * Every way in which the API can refuse, with its HTTP status: the only such table. Codes that also exist in
 * `domain/failure.ts` mean the same there. `explanation` is what `GET /problems/<name>` tells.
 */
const PROBLEMS = {
  INVALID_REQUEST: {
    status: 400,
    title: 'The request is not valid',
    explanation: 'A field, header or query parameter is missing, unknown or out of range. `errors` names each of them.',
  },
  MALFORMED_JSON: {
    status: 400,
    title: 'The body is not valid JSON',
    explanation: 'Send one JSON object, encoded as UTF-8.',
  },
  IDEMPOTENCY_KEY_REQUIRED: {
    status: 400,
    title: 'The Idempotency-Key header is missing',
    explanation:
      'Send a key of your own choosing with each create request. Send the same key again to repeat the request safely.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    title: 'The Idempotency-Key header is not valid',
    explanation: 'A key has 1 to 255 printable ASCII characters. Surrounding double quotes do not belong to it.',
  },
  ORIGIN_REFUSED: {
    status: 403,
    title: 'Pages from elsewhere may not change stores',
    explanation:
      'The request was sent by a web page that is not served from this machine. As long as there is no authentication, only local pages and programs may change stores.',
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'There is nothing at this address',
    explanation: 'The path is not one of the API. `GET /openapi.json` lists all of them.',
  },
  STORE_NOT_FOUND: {
    status: 404,
    title: 'There is no such store',
    explanation: 'No store of yours has this id. Deleted stores stay readable by their id.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'The method is not allowed here',
    explanation: 'The address exists, but not for this method. The `Allow` header lists the methods that it has.',
  },
  INVALID_STATE: {
    status: 409,
    title: 'The store is not in a state that allows this',
    explanation:
      '`allowedActions` lists what can be asked of the store as it is now. For one: only a store that is being provisioned can be cancelled, and only one that is held can be resumed.',
  },
  OPERATION_RUNNING: {
    status: 409,
    title: 'Another operation is running on the store',
    explanation: 'A store has one operation at a time. `operation` says which one runs; try again when it has ended.',
  },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large', explanation: 'A body may have up to 64 KiB.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'The body has an unsupported media type',
    explanation: 'Send JSON, and say so: `Content-Type: application/json`.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The Idempotency-Key was used for a different request',
    explanation: 'A key belongs to the first request that used it. Use a new key for a new store.',
  },
  QUOTA_EXCEEDED: {
    status: 429,
    title: 'No further store is allowed',
    explanation:
      '`limit` stores may exist at once, deleted ones not counted. Delete one to make room; waiting does not help.',
  },
  INTERNAL: {
    status: 500,
    title: 'An unexpected error',
    explanation:
      'The fault is on the side of the platform. Report the correlation id: the logs have the cause under it.',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'The database does not answer',
    explanation: 'Try again after the time in `Retry-After`. Repeating a create request with its key is safe.',
  },
  ORCHESTRATOR_UNAVAILABLE: {
    status: 503,
    title: 'Temporal does not answer',
    explanation: 'Try again after the time in `Retry-After`. Creating and deleting stores is accepted even then.',
  },
  NOT_READY: {
    status: 503,
    title: 'The API is not ready',
    explanation: 'The API is shutting down, or something that it needs does not answer: `checks` says what.',
  },
} as const satisfies Record<string, { readonly status: number; readonly title: string; readonly explanation: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

export function isProblemCode(value: string): value is ProblemCode {
  return Object.hasOwn(PROBLEMS, value);
}

export function problemKind(code: ProblemCode) {
  return PROBLEMS[code];
}

/** Stable `type` of a problem, relative to the API: it can be fetched and explains itself. */
export function problemType(code: ProblemCode): string {
  return `/problems/${code.toLowerCase().replaceAll('_', '-')}`;
}

/** One thing that is wrong with a request. `pointer` is a JSON pointer into the part of the request that `in` names. */
export interface InputError {
  readonly in: 'body' | 'query' | 'header' | 'path';
  readonly pointer: string;
  readonly detail: string;
}

/** What a problem may tell besides its code and detail. */
export interface ProblemExtensions {
  readonly errors?: readonly InputError[];
  readonly operation?: StoreResource['operation'];
  readonly allowedActions?: readonly StoreAction[];
  readonly limit?: number;
  readonly live?: number;
  readonly checks?: Readonly<Record<string, string>>;
}

/** A refusal that the caller may read in full: `detail` and the extensions are shown as they are. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly extensions: ProblemExtensions;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      readonly cause?: unknown;
      readonly extensions?: ProblemExtensions;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.detail = detail;
    this.extensions = options.extensions ?? {};
    this.headers = options.headers ?? {};
  }
}
