import type { StorePlatformClient } from './client.ts';
import type { operations, Store } from './schema.d.ts';

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
