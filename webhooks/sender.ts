import { lookup as lookupHost } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { type AddressPolicy, portOf, RefusedAddress, withoutBrackets } from './address-policy.ts';

/** Time limit of one request in milliseconds, with name lookup, connection and answer. */
const REQUEST_MS = 10_000;
/** Bytes of an answer that are read. */
const MAX_ANSWER_BYTES = 65_536;
/** Characters of an answer that are kept for the delivery log. */
const SNIPPET_LENGTH = 1_000;
const MAX_REASON_LENGTH = 300;

type Answer = Awaited<ReturnType<typeof request>>;

export interface OutgoingMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type SendResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** The first characters of the body. */
      readonly snippet: string;
      /** The time in `Retry-After`. */
      readonly retryAfterMs: number | undefined;
    }
  /** No answer. `reason` is one sentence without a full stop. */
  | { readonly kind: 'unanswered'; readonly reason: string };

/** Sends messages to the URLs that tenants choose. */
export interface WebhookSender {
  send(message: OutgoingMessage): Promise<SendResult>;
  close(): Promise<void>;
}

/**
 * Creates a sender. It checks the address of each connection, also of a URL that was valid before: a host name can lead to
 * another address at any time. It follows no redirect.
 */
export function createWebhookSender(options: {
  readonly policy: AddressPolicy;
  readonly now: () => Date;
  /** Replaces the name lookup, for tests. */
  readonly lookup?: LookupFunction;
  /** Replaces the time limit, for tests. */
  readonly requestMs?: number;
}): WebhookSender {
  const { policy, now, lookup = lookupHost, requestMs = REQUEST_MS } = options;
  const dispatcher = new Agent({
    connect: guardedConnect(policy, lookup),
    headersTimeout: requestMs,
    bodyTimeout: requestMs,
    // Every message opens a connection, so that every message is checked.
    pipelining: 0,
  });

  async function send({ url, headers, body }: OutgoingMessage): Promise<SendResult> {
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'store-platform-webhooks/1' },
        body,
        dispatcher,
        signal: AbortSignal.timeout(requestMs),
      });
      const { statusCode: status } = answer;
      const retryAfterMs = retryAfterOf(answer.headers['retry-after'], now());
      return { kind: 'answered', status, snippet: await snippetOf(answer.body), retryAfterMs };
    } catch (error) {
      return { kind: 'unanswered', reason: reasonOf(error, requestMs) };
    }
  }

  return { send, close: () => dispatcher.destroy() };
}

/** Returns the function that opens connections. */
function guardedConnect(policy: AddressPolicy, lookup: LookupFunction): buildConnector.connector {
  return (options, callback) => {
    const hostname = withoutBrackets(options.hostname);
    const { protocol } = options;
    const port = portOf(options);
    const refusalOf = (addresses: readonly string[]): RefusedAddress | undefined => {
      const problem = addresses.map((address) => policy.problemOf({ address, protocol, port })).find(Boolean);
      return problem === undefined ? undefined : new RefusedAddress(`the URL is not allowed: ${problem}`);
    };
    // For a literal address, no lookup takes place.
    const refusal = isIP(hostname) > 0 ? refusalOf([hostname]) : undefined;
    if (refusal !== undefined) return callback(refusal, null);
    const checkedLookup: LookupFunction = (name, lookupOptions, done) => {
      lookup(name, { ...lookupOptions, all: true }, (error, found) => {
        const addresses = Array.isArray(found) ? found : [];
        const [first] = addresses;
        if (error !== null) return done(error, '');
        if (first === undefined) return done(new Error(`the host ${name} has no address`), '');
        // All addresses must be allowed, so that a name with several addresses always has the same result.
        const refused = refusalOf(addresses.map(({ address }) => address));
        if (refused !== undefined) return done(refused, '');
        if (lookupOptions.all === true) return done(null, addresses);
        return done(null, first.address, first.family);
      });
    };
    // undici passes all options to Node's `connect`. Its type does not list `lookup`.
    const connectorOptions: buildConnector.BuildOptions & { readonly lookup: LookupFunction } = {
      timeout: REQUEST_MS,
      lookup: checkedLookup,
    };
    return buildConnector(connectorOptions)(options, (error, socket) => {
      if (error !== null || socket === null) return callback(error ?? new Error('no connection'), null);
      // The last check is of the address to which the socket is really connected.
      const late = refusalOf([socket.remoteAddress ?? '']);
      if (late === undefined) return callback(null, socket);
      socket.destroy();
      return callback(late, null);
    });
  };
}

/** Returns the first characters of a body. Reads at most 64 KiB of it, and then closes the connection. */
async function snippetOf(body: Answer['body']): Promise<string> {
  body.on('error', () => undefined); // an early end of the body is no error here
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length >= MAX_ANSWER_BYTES) break;
    }
  } catch {
    // The status has arrived, and it decides. A body that breaks off changes nothing.
  } finally {
    body.destroy();
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, SNIPPET_LENGTH);
}

/** Returns the milliseconds of a `Retry-After` header: seconds or a date (RFC 9110). */
function retryAfterOf(header: string | readonly string[] | undefined, now: Date): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - now.getTime());
}

/** Checks the shape, not the class: errors of Node are instances of another realm's `Error` in a `vm` context. */
function isErrorLike(
  value: unknown,
): value is { readonly name: string; readonly message: string; readonly cause?: unknown } {
  return typeof value === 'object' && value !== null && 'name' in value && 'message' in value;
}

function reasonOf(error: unknown, requestMs: number): string {
  for (let cause = error; isErrorLike(cause); cause = cause.cause) {
    if (cause.name === 'TimeoutError') return `the receiver did not answer within ${requestMs / 1_000} s`;
    if (cause.name === 'RefusedAddress') return cause.message;
  }
  // Node tries all addresses of a host, and reports one error for each.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return (isErrorLike(first) ? first.message : String(first)).slice(0, MAX_REASON_LENGTH);
}
