import type { StorePlatformClient } from './client.ts';
import { pauseFor, readStream, type Opened, type StreamEnd, type StreamTimes } from './event-source.ts';
import type { Operation, StoreEvent, TenantEvent } from './schema.d.ts';

const POLL_MS = 1_000;
const EVENT_PAGE = 1_000;

export interface FollowOptions extends StreamTimes {
  /** Only events with a larger number: `seq`, or `tenantSeq` of the events of a tenant. Default: 0. */
  readonly after?: number;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two reads of a server that has no streams. Default: 1000. */
  readonly pollMs?: number;
  /** Is called with true when a stream is open, and with false when it breaks or ends. It is opened again. */
  readonly onConnection?: (isOpen: boolean) => void;
}

/**
 * Iterates over the events of a store, also those that are written later. It ends without an error, and only by the signal.
 *
 * @throws ApiError when the store does not exist, or no longer.
 */
export async function* followEvents(
  client: StorePlatformClient,
  storeId: string,
  options: FollowOptions = {},
): AsyncGenerator<StoreEvent, void> {
  const path = { id: storeId };
  const opened = (after: number) =>
    client.GET('/api/stores/{id}/events', { params: { path, query: { after } }, ...streamOf(after, options) });
  const page = async (after: number) => {
    const query = { after, limit: EVENT_PAGE };
    const { data } = await client.GET('/api/stores/{id}/events', { params: { path, query } });
    return pageOf(data)?.data ?? [];
  };
  yield* followPages<StoreEvent>({ opened, page, numberOf: ({ seq }) => seq }, options);
}

/** Iterates over the events of all stores of the tenant, also those that are written later. It ends only by the signal. */
export async function* followTenant(
  client: StorePlatformClient,
  options: FollowOptions = {},
): AsyncGenerator<TenantEvent, void> {
  const opened = (after: number) =>
    client.GET('/api/events', { params: { query: { after } }, ...streamOf(after, options) });
  const page = async (after: number) => {
    const { data } = await client.GET('/api/events', { params: { query: { after, limit: EVENT_PAGE } } });
    return pageOf(data)?.data ?? [];
  };
  yield* followPages<TenantEvent>({ opened, page, numberOf: ({ tenantSeq }) => tenantSeq }, options);
}

/**
 * Iterates over the events of an operation until it ends, and returns the operation.
 *
 * @throws DOMException AbortError when the signal ends the iteration.
 * @throws ApiError when the operation does not exist.
 */
export async function* followOperation(
  client: StorePlatformClient,
  { operationId }: Pick<Operation, 'operationId'>,
  options: FollowOptions = {},
): AsyncGenerator<StoreEvent, Operation> {
  const path = { id: operationId };
  const opened = (after: number) =>
    client.GET('/api/operations/{id}/events', { params: { path, query: { after } }, ...streamOf(after, options) });
  const { end, after } = yield* streamed<StoreEvent>(opened, ({ seq }) => seq, options);
  if (end.kind === 'end') return JSON.parse(end.data) as Operation; // the API sends this message with this type
  if (end.kind === 'aborted') throw abortError();
  return yield* pollOperation(client, operationId, { ...options, after });
}

/** Reads the events of an operation page by page until it ends. */
async function* pollOperation(
  client: StorePlatformClient,
  operationId: string,
  options: FollowOptions,
): AsyncGenerator<StoreEvent, Operation> {
  const path = { id: operationId };
  let seen = options.after ?? 0;
  for (;;) {
    // The operation is read first, so that all its events exist when it has ended.
    const { data: operation } = await client.GET('/api/operations/{id}', { params: { path } });
    const query = { after: seen, limit: EVENT_PAGE };
    const { data } = await client.GET('/api/operations/{id}/events', { params: { path, query } });
    const events = pageOf(data);
    for (const event of events?.data ?? []) {
      yield event;
      seen = event.seq;
    }
    const isLastPage = events?.pagination.nextAfter === null;
    if (isLastPage && operation !== undefined && operation !== null && operation.endedAt !== null) return operation;
    if (isLastPage && !(await pauseFor(options.pollMs ?? POLL_MS, options.signal))) throw abortError();
  }
}

/** Returns the page of a response. Only a request that accepts a stream gets a text. */
function pageOf<Page>(data: Page | string | undefined): Page | undefined {
  return typeof data === 'string' ? undefined : data;
}

function abortError(): DOMException {
  return new DOMException('The wait was ended.', 'AbortError');
}

/** Options of a request for a stream. */
function streamOf(after: number, { signal }: FollowOptions) {
  return {
    headers: { Accept: 'text/event-stream', 'Last-Event-ID': String(after) },
    parseAs: 'stream' as const,
    ...(signal === undefined ? {} : { signal }),
  };
}

type OpenedStream = Promise<{ readonly response: Response; readonly data?: Opened['body'] }>;

/** Yields the events of a stream. Returns why it has ended, and the number of the last event. */
async function* streamed<Event>(
  opened: (after: number) => OpenedStream,
  numberOf: (event: Event) => number,
  options: FollowOptions,
): AsyncGenerator<Event, { readonly end: StreamEnd; readonly after: number }> {
  let after = options.after ?? 0;
  const open = async (from: number): Promise<Opened> => {
    const { response, data } = await opened(from);
    return { response, body: data };
  };
  const messages = readStream(open, { ...options, after });
  try {
    for (;;) {
      const next = await messages.next();
      if (next.done === true) return { end: next.value, after };
      const event = JSON.parse(next.value.data) as Event; // the API sends messages of this type
      after = numberOf(event);
      yield event;
    }
  } finally {
    // A caller that stops to iterate also closes the connection.
    await messages.return({ kind: 'aborted' });
  }
}

/** Yields the events of a stream; without streams, those of page after page. */
async function* followPages<Event>(
  source: {
    readonly opened: (after: number) => OpenedStream;
    readonly page: (after: number) => Promise<readonly Event[]>;
    readonly numberOf: (event: Event) => number;
  },
  options: FollowOptions,
): AsyncGenerator<Event, void> {
  const { end, after } = yield* streamed<Event>(source.opened, source.numberOf, options);
  if (end.kind !== 'unsupported') return;
  let seen = after;
  do {
    for (let events = await source.page(seen); events.length > 0; events = await source.page(seen)) {
      for (const event of events) {
        yield event;
        seen = source.numberOf(event);
      }
    }
  } while (await pauseFor(options.pollMs ?? POLL_MS, options.signal));
}
