import type { StorePlatformClient } from './client.ts';
import type { operations, Store, Webhook, WebhookDelivery, WebhookDeliveryPage, WebhookPage } from './schema.d.ts';

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
