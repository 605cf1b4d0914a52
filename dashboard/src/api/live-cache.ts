import type { Store, StorePage, TenantEvent } from '@store-platform/client';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { LiveHandler } from './live-hub.ts';
import { keys } from './query.ts';

/** Events within this time cause one request. */
const COLLECT_MS = 50;
/** Shortest time between two reads of the lists. */
const LIST_PAUSE_MS = 500;

/**
 * Returns a function that applies an event to the cached data: it shows the new status at once, and then reads what the event
 * concerns again.
 */
export function cacheUpdater(client: QueryClient): LiveHandler {
  const changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let listsReadMs = 0;

  function flush(): void {
    timer = undefined;
    for (const storeId of changed) void client.invalidateQueries({ queryKey: keys.store(storeId) });
    changed.clear();
    const now = Date.now();
    const waitMs = listsReadMs + LIST_PAUSE_MS - now;
    if (waitMs > 0) {
      timer = setTimeout(flush, waitMs);
      return;
    }
    listsReadMs = now;
    for (const queryKey of [keys.storeLists, keys.quota, keys.overview]) void client.invalidateQueries({ queryKey });
  }

  return ({ event, isMissed }) => {
    // A missed event is older than the data that the page has read.
    if (!isMissed) showStatus(client, event);
    changed.add(event.storeId);
    timer ??= setTimeout(flush, COLLECT_MS);
  };
}

/** Writes the status of an event to the cached stores. */
function showStatus(client: QueryClient, { storeId, status }: TenantEvent): void {
  const change = (store: Store): Store => (store.storeId === storeId ? { ...store, status } : store);
  client.setQueryData<Store>(keys.store(storeId), (store) => (store === undefined ? undefined : change(store)));
  client.setQueriesData<InfiniteData<StorePage> | StorePage>({ queryKey: keys.storeLists }, (cached) => {
    if (cached === undefined) return undefined;
    return 'pages' in cached
      ? { ...cached, pages: cached.pages.map((page) => mapStores(page, change)) }
      : mapStores(cached, change);
  });
}

function mapStores(page: StorePage, change: (store: Store) => Store): StorePage {
  return { ...page, data: page.data.map(change) };
}
