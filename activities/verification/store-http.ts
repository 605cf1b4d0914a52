import { lookup } from 'node:dns';
import { maxHeaderSize } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { rootCertificates } from 'node:tls';
import pRetry from 'p-retry';
import { Agent, type buildConnector, type Dispatcher, errors, request as sendRequest } from 'undici';
import { z } from 'zod';
import { StoreError } from '../../domain/failure.ts';
import { timeLimit } from '../../domain/time-limit.ts';
import { VerificationFailure } from './verification-failure.ts';

const REQUEST_TIMEOUT_MS = 15_000; // a warm store answers within 1 s; a cold one has needed 4 s
const CONNECT_TIMEOUT_MS = 5_000;
/** Connections through the Kubernetes API per client: the merchant's requests follow one another. */
const MAX_FORWARDED_CONNECTIONS = 1;
/** Limit on the body of an answer. The largest valid answers, lists of products, have some 100 kB. */
export const MAX_ANSWER_BYTES = 1_048_576;
/** Members of a list that are read. More would not change a verification, and zod reports each bad one. */
const MAX_LIST_MEMBERS = 300;
/** Problems of an answer that its failure names. */
const MAX_SHOWN_ISSUES = 5;
/** More than the 300 characters that are shown: a secret that this limit cuts in two is not redacted. */
export const MAX_ANSWER_CHARACTERS = 1_000;
/** The ingress may route to a store a moment after its pods are ready. Until then it refuses each request at once. */
const ROUTE_RETRY = { minTimeout: 50, factor: 1, retries: 40, maxRetryTime: 2_000 } as const;
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

export interface StoreRequest<T> {
  readonly step: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query, relative to the base URL. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Schema of the answer. */
  readonly answer: z.ZodType<T>;
  readonly timeoutMs?: number;
}

export interface StoreAnswer<T> {
  readonly body: T;
  readonly header: (name: string) => string | null;
}

/**
 * HTTP client for one store. Every request has a time limit, every answer a size limit, and every error is a
 * VerificationFailure. An attacker may control the store, so the client never decompresses an answer.
 */
export interface StoreHttp {
  request<T>(request: StoreRequest<T>): Promise<StoreAnswer<T>>;
  /** Also aborts the requests in flight. */
  close(): Promise<void>;
}

/** How to reach a store. */
export interface StoreAddress {
  /** Public address of the store: scheme, host and port. */
  readonly baseUrl: string;
  /** Certificates of authorities in PEM that are trusted in addition to the public ones. */
  readonly ca?: string | undefined;
  /**
   * Opens a connection to the store inside the cluster. The client then speaks plain HTTP over it and takes only the name of the
   * host from `baseUrl`.
   */
  readonly connect?: (() => Promise<Duplex>) | undefined;
}

/** Creates a client whose requests end when `signal` aborts. */
export function createStoreHttp(options: StoreAddress & { readonly signal?: AbortSignal | undefined }): StoreHttp {
  const closing = new AbortController();
  const ended = AbortSignal.any([closing.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const baseUrl = options.connect === undefined ? options.baseUrl : `http://${new URL(options.baseUrl).host}`;
  const agent = agentFor(options);

  async function send<T>(request: StoreRequest<T>): Promise<{ status: number; text: string; headers: Headers }> {
    const timeout = timeLimit(request.timeoutMs ?? REQUEST_TIMEOUT_MS);
    const what = `${request.method} ${request.path}`;
    try {
      // Not `fetch`, which decompresses answers. This function follows no redirect either.
      const response = await sendRequest(new URL(request.path, baseUrl), {
        method: request.method,
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          'user-agent': 'store-platform-checkout-check',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal: AbortSignal.any([timeout, ended]),
        dispatcher: agent,
      });
      const headers = headersOf(response);
      return { status: response.statusCode, text: await readBody(response, { step: request.step, what }), headers };
    } catch (cause) {
      if (cause instanceof VerificationFailure || cause instanceof StoreError) throw cause;
      if (cause instanceof errors.HeadersOverflowError) {
        const message = `${what} was answered with headers larger than the ${maxHeaderSize} bytes that an answer may have`;
        throw new VerificationFailure(message, { step: request.step, reason: 'unexpected-answer', cause });
      }
      const timedOut = timeout.aborted;
      throw new VerificationFailure(
        timedOut ? `${what} got no answer in time` : `${what}: ${connectionProblem(cause)}`,
        {
          step: request.step,
          reason: timedOut ? 'timed-out' : 'unreachable',
          cause,
        },
      );
    }
  }

  async function requestOnce<T>(request: StoreRequest<T>): Promise<StoreAnswer<T>> {
    const { status, text, headers } = await send(request);
    const body = readAnswer(
      { step: request.step, what: `${request.method} ${request.path}`, status, text },
      request.answer,
    );
    return { body, header: (name) => headers.get(name) };
  }

  async function requestWithRetry<T>(request: StoreRequest<T>): Promise<StoreAnswer<T>> {
    if (request.method !== 'GET') return requestOnce(request);
    return pRetry(() => requestOnce(request), { ...ROUTE_RETRY, signal: ended, shouldRetry: isUnreachable });
  }

  async function close(): Promise<void> {
    closing.abort();
    await agent.close();
  }

  return { request: requestWithRetry, close };
}

/** Passes a new connection, or the reason why there is none, to the HTTP client. */
async function handOver(connect: () => Promise<Duplex>, callback: buildConnector.Callback): Promise<void> {
  const opened = await connect().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (opened instanceof Error) callback(opened, null);
  else if (opened.destroyed) callback(opened.errored ?? new Error('the connection was closed'), null);
  // The client uses only the methods of a stream, although its type asks for the socket of a network.
  else callback(null, opened as unknown as Socket);
}

function agentFor({ connect, ca }: StoreAddress): Agent {
  if (connect === undefined) {
    const trusted = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
    return new Agent({ connect: { lookup: lookupLocalhost, timeout: CONNECT_TIMEOUT_MS, ...trusted } });
  }
  return new Agent({
    connections: MAX_FORWARDED_CONNECTIONS,
    connect: (_options, callback) => void handOver(connect, callback),
  });
}

/**
 * Reads the body of an answer, at most `MAX_ANSWER_BYTES` of it.
 *
 * @throws VerificationFailure `unexpected-answer` for a compressed body and for a larger one.
 */
async function readBody(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  { step, what }: { readonly step: string; readonly what: string },
): Promise<string> {
  const refuse = (problem: string, shown: string) => {
    const answer = { status, body: shown.slice(0, MAX_ANSWER_CHARACTERS) };
    const message = `${what} was answered ${status} with ${problem}`;
    return new VerificationFailure(message, { step, reason: 'unexpected-answer', answer });
  };
  // A destroyed body closes the connection, so the rest is never read. It also emits an error.
  body.on('error', () => undefined);
  const encoding = [headers['content-encoding'] ?? 'identity'].flat().join(', ').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== '') {
    body.destroy();
    const shown = encoding.slice(0, 40);
    throw refuse(`the content encoding ${shown}, although the request accepts no compression`, '');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      const beginning = Buffer.concat(chunks).toString('utf8', 0, MAX_ANSWER_CHARACTERS);
      throw refuse(`more than the ${MAX_ANSWER_BYTES} bytes that an answer may have`, beginning);
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf({ headers }: Dispatcher.ResponseData): Headers {
  return {
    get: (name) => {
      const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
      return value === undefined ? null : [value].flat().join(', ');
    },
  };
}

/** Schema of a list in an answer: reads its first members only, so that a huge list of bad members costs little. */
export function answerList<T extends z.ZodType>(member: T, { min = 0 }: { readonly min?: number } = {}) {
  return z
    .array(z.unknown())
    .transform((members) => members.slice(0, MAX_LIST_MEMBERS))
    .pipe(z.array(member).min(min));
}

/** Returns a part of an answer as JSON, or an empty string for a part that is nested too deeply. */
export function textOf(part: unknown): string {
  try {
    return JSON.stringify(part) ?? '';
  } catch {
    return '';
  }
}

/**
 * Parses a store's answer.
 *
 * @param answered `what`: method and path of the request, for the message.
 * @throws VerificationFailure `refused` or `unreachable` for an error status, `unexpected-answer` for other content.
 */
export function readAnswer<T>(
  answered: { readonly step: string; readonly what: string; readonly status: number; readonly text: string },
  shape: z.ZodType<T>,
): T {
  const { step, what, status, text } = answered;
  const answer = { status, body: text.slice(0, MAX_ANSWER_CHARACTERS) };
  if (status < 200 || status > 299) {
    // A store answers errors in JSON; a gateway does not.
    const isGateway = GATEWAY_STATUSES.has(status) && parseJson(text) === undefined;
    const reason = isGateway ? 'unreachable' : 'refused';
    throw new VerificationFailure(`${what} was answered ${status}: ${answer.body}`, { step, reason, answer });
  }
  const parsed = shape.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAX_SHOWN_ISSUES);
  const problem = issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  const message = `${what} was answered ${status} with unexpected content (${problem})`;
  throw new VerificationFailure(message, { step, reason: 'unexpected-answer', answer });
}

interface Headers {
  get(name: string): string | null;
}

/**
 * Names below `.localhost` are this machine (RFC 6761). Browsers and curl resolve them, the C library often does not.
 */
const lookupLocalhost: LookupFunction = (host, options, callback) => {
  lookup(host.endsWith('.localhost') ? 'localhost' : host, options, callback);
};

function isUnreachable({ error }: { readonly error: Error }): boolean {
  return error instanceof VerificationFailure && error.reason === 'unreachable';
}

function connectionProblem(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
