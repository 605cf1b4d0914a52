import { setTimeout as pause } from 'node:timers/promises';
import type { StorePlatformClient } from './client.ts';
import type {
  Operation,
  operations,
  Store,
  StoreEvent,
  StoreEvents,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookPage,
} from './schema.d.ts';

const POLL_MS = 1_000;
const EVENT_PAGE = 1_000;

type ListQuery = NonNullable<operations['listStores']['parameters']['query']>;

/** Iterates over all stores that match a query, page by page. */
export async function* listStores(client: StorePlatformClient, query: ListQuery = {}): AsyncGenerator<Store> {
  let cursor: string | undefined = query.cursor;
  do {
    const { sort: _sort, ...rest } = query;
    const page = await client.GET('/api/stores', {
      params: { query: cursor === undefined ? query : { ...rest, cursor } },
    });
    yield* page.data?.data ?? [];
    cursor = page.data?.pagination.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** Iterates over all webhooks, page by page. */
export async function* listWebhooks(client: StorePlatformClient): AsyncGenerator<Webhook> {
  let cursor: string | undefined;
  do {
    const page: WebhookPage | undefined = await webhookPage(client, cursor);
    yield* page?.data ?? [];
    cursor = page?.pagination.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

async function webhookPage(client: StorePlatformClient, cursor: string | undefined) {
  const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
  return (await client.GET('/api/webhooks', { params: { query } })).data;
}

type DeliveryQuery = NonNullable<operations['listWebhookDeliveries']['parameters']['query']>;

/** Iterates over the deliveries of a webhook that match a query, page by page. */
export async function* listDeliveries(
  client: StorePlatformClient,
  webhookId: string,
  query: DeliveryQuery = {},
): AsyncGenerator<WebhookDelivery> {
  let next: string | undefined = query.cursor;
  do {
    const page: WebhookDeliveryPage | undefined = await deliveryPage(
      client,
      webhookId,
      next === undefined ? query : { ...query, cursor: next },
    );
    yield* page?.data ?? [];
    next = page?.pagination.nextCursor ?? undefined;
  } while (next !== undefined);
}

async function deliveryPage(client: StorePlatformClient, id: string, query: DeliveryQuery) {
  return (await client.GET('/api/webhooks/{id}/deliveries', { params: { path: { id }, query } })).data;
}

export interface FollowOptions {
  /** Only events with a larger `seq`. Default: 0. */
  readonly after?: number;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two reads. Default: 1000. */
  readonly pollMs?: number;
}

/** Iterates over the events of a store, also those that are written later. It ends only by the signal. */
export async function* followEvents(
  client: StorePlatformClient,
  storeId: string,
  { after = 0, signal, pollMs = POLL_MS }: FollowOptions = {},
): AsyncGenerator<StoreEvent, void> {
  let seen = after;
  do {
    for await (const event of eventsAfter(client, storeId, seen)) {
      yield event;
      seen = event.seq;
    }
  } while (await waited(pollMs, signal));
}

/**
 * Iterates over the events of a store until one of its operations ends, and returns the operation.
 *
 * @throws DOMException AbortError when the signal ends the iteration.
 */
export async function* followOperation(
  client: StorePlatformClient,
  { storeId, operationId }: Pick<Operation, 'storeId' | 'operationId'>,
  { after = 0, signal, pollMs = POLL_MS }: FollowOptions = {},
): AsyncGenerator<StoreEvent, Operation> {
  let seen = after;
  for (;;) {
    // The operation is read first, so that all its events exist when it has ended.
    const { data } = await client.GET('/api/operations/{id}', { params: { path: { id: operationId } } });
    for await (const event of eventsAfter(client, storeId, seen)) {
      yield event;
      seen = event.seq;
    }
    if (data !== undefined && data !== null && data.endedAt !== null) return data;
    if (!(await waited(pollMs, signal))) throw new DOMException('The wait was ended.', 'AbortError');
  }
}

async function* eventsAfter(client: StorePlatformClient, storeId: string, after: number): AsyncGenerator<StoreEvent> {
  let next: number | null = after;
  while (next !== null) {
    const page: StoreEvents | undefined = await eventPage(client, storeId, next);
    yield* page?.data ?? [];
    next = page?.pagination.nextAfter ?? null;
  }
}

async function eventPage(client: StorePlatformClient, storeId: string, after: number) {
  const { data } = await client.GET('/api/stores/{id}/events', {
    params: { path: { id: storeId }, query: { after, limit: EVENT_PAGE } },
  });
  return data;
}

/** Returns false if the signal ended the pause. */
async function waited(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await pause(ms, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch {
    return false;
  }
}
