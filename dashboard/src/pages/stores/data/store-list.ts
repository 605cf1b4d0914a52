import type { TenantEvent } from '@store-platform/client';
import { keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useMemo, useRef } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { useEvents } from '../../../api/live.tsx';
import { queryOf, writeFilters, type StoreFilters } from '../model/filters.ts';
import { MAX_PAGE } from '../model/limits.ts';
import { applyEvents, putStore, toListed, type ListPage } from '../model/list-cache.ts';

/** Pages that are kept when a person leaves the list. More would be read again, one by one, when the list opens again. */
const KEPT_PAGES = 5;
/** Stores that are read one by one after their events. Beyond it, the list is read again. */
const MAX_SINGLE_READS = 10;

/** Events within this time are applied together. */
const FRAME_MS = 16;

type Cached = InfiniteData<ListPage, string | null>;

/** Returns the stores that the filters include, page by page, and keeps them up to date with the events of the tenant. */
export function useStoreList(filters: StoreFilters) {
  const client = useQueryClient();
  const search = writeFilters(filters);
  // Not below the lists that live events read again: this one takes the events itself.
  const queryKey = useMemo(() => ['store-list', search], [search]);
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => readPage(filters, pageParam, signal),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    // The comparison of 10,000 rows after each page would block the page.
    structuralSharing: false,
    // The events of the time without this page are not applied.
    refetchOnMount: 'always',
  });
  useLiveList(queryKey, { filters, isFetching: query.isFetching });
  useEffect(
    () => () => {
      client.setQueryData<Cached>(queryKey, (data) =>
        data === undefined
          ? undefined
          : { pages: data.pages.slice(0, KEPT_PAGES), pageParams: data.pageParams.slice(0, KEPT_PAGES) },
      );
    },
    [client, queryKey],
  );
  const pages = query.data?.pages;
  const stores = useMemo(() => pages?.flatMap((page) => page.stores) ?? [], [pages]);
  // Events can remove every store of the pages that are loaded.
  const { hasNextPage, isFetching, fetchNextPage } = query;
  const isDrained = query.isSuccess && stores.length === 0 && hasNextPage && !isFetching;
  useEffect(() => {
    if (isDrained) void fetchNextPage();
  }, [isDrained, fetchNextPage]);
  return { ...query, stores };
}

async function readPage(filters: StoreFilters, cursor: string | null, signal: AbortSignal): Promise<ListPage> {
  const { sort, ...rest } = queryOf(filters, new Date());
  const query = { ...rest, limit: MAX_PAGE, ...(cursor === null ? { sort } : { cursor }) };
  const page = dataOf(await api.GET('/api/stores', { params: { query }, signal }));
  return { stores: page.data.map(toListed), nextCursor: page.pagination.nextCursor };
}

/** Applies the events of a frame together, and reads the stores that they do not tell enough about. */
function useLiveList(
  queryKey: readonly string[],
  { filters, isFetching }: { readonly filters: StoreFilters; readonly isFetching: boolean },
): void {
  const client = useQueryClient();
  const waiting = useRef<TenantEvent[]>([]);
  const duringRead = useRef<TenantEvent[]>([]);

  function change(update: (pages: readonly ListPage[]) => readonly ListPage[]): void {
    client.setQueryData<Cached>(queryKey, (data) => {
      if (data === undefined) return undefined;
      const pages = update(data.pages);
      return pages === data.pages ? data : { ...data, pages: [...pages] };
    });
  }

  function apply(events: readonly TenantEvent[]): void {
    let unread: readonly string[] = [];
    change((pages) => {
      const result = applyEvents(pages, events, { filters, now: new Date() });
      unread = result.unread;
      return result.pages;
    });
    if (unread.length > MAX_SINGLE_READS) void client.invalidateQueries({ queryKey });
    else for (const storeId of unread) void readOne(storeId);
  }

  async function readOne(storeId: string): Promise<void> {
    try {
      const store = toListed(dataOf(await api.GET('/api/stores/{id}', { params: { path: { id: storeId } } })));
      change((pages) => putStore(pages, store, { filters, now: new Date() }));
    } catch {
      // The list may be out of date now. It is read again when it opens the next time.
      void client.invalidateQueries({ queryKey, refetchType: 'none' });
    }
  }

  function flush(): void {
    const events = waiting.current.splice(0);
    if (client.isFetching({ queryKey }) > 0) duringRead.current.push(...events);
    apply(events);
  }

  // A read of a page puts the other pages back as they were when it began.
  const reapply = useEffectEvent(() => {
    const events = duringRead.current.splice(0);
    if (events.length > 0) apply(events);
  });
  useEffect(() => {
    if (!isFetching) reapply();
  }, [isFetching]);

  useEvents(({ event, isMissed }) => {
    if (isMissed) return;
    if (waiting.current.length === 0) setTimeout(flush, FRAME_MS);
    waiting.current.push(event);
  });
}
