import type { Store, StoreEvent } from '@store-platform/client';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { useEvents } from '../../../api/live.tsx';
import { keys } from '../../../api/query.ts';
import { addEvents, lastSeq } from '../model/event-log.ts';
import { MAX_EVENT_PAGE } from '../model/limits.ts';

/** A store with the version that changes send as `If-Match`. */
export interface VersionedStore extends Store {
  readonly etag: string | null;
}

/** Reads a store with its version. */
export async function readStore(storeId: string, signal?: AbortSignal): Promise<VersionedStore> {
  const result = await api.GET('/api/stores/{id}', {
    params: { path: { id: storeId } },
    ...(signal === undefined ? {} : { signal }),
  });
  return { ...dataOf(result), etag: result.response.headers.get('etag') };
}

/** Returns a store. Live events keep it up to date. */
export function useStore(storeId: string) {
  return useQuery({ queryKey: keys.store(storeId), queryFn: ({ signal }) => readStore(storeId, signal) });
}

const OPERATIONS_PAGE = 20;

/** Returns the operations of a store, newest first. */
export function useOperations(storeId: string) {
  return useInfiniteQuery({
    queryKey: keys.storeOperations(storeId),
    initialPageParam: 0,
    queryFn: async ({ pageParam: offset, signal }) => {
      const params = { path: { id: storeId }, query: { limit: OPERATIONS_PAGE, offset } };
      return dataOf(await api.GET('/api/stores/{id}/operations', { params, signal }));
    },
    getNextPageParam: ({ pagination: { offset, limit, total } }) =>
      offset + limit < (total ?? 0) ? offset + limit : undefined,
  });
}

/** Other operations of the tenant move the queue, and a delay gets a new message, without an event of this store. */
const PROGRESS_MS = 5_000;

/** Returns an operation with its progress, as long as it has not ended. */
export function useProgress(storeId: string, operationId: string | null) {
  return useQuery({
    queryKey: keys.storeOperation(storeId, operationId ?? ''),
    queryFn: async ({ signal }) => {
      const params = { path: { id: operationId ?? '' } };
      return dataOf(await api.GET('/api/operations/{id}', { params, signal }));
    },
    enabled: operationId !== null,
    refetchInterval: ({ state }) => (state.data?.endedAt === null ? PROGRESS_MS : false),
  });
}

/**
 * Returns all events of a store in their order, also those that happen now. The number of an event shows whether one is missing;
 * then the page reads on from the last one that it has.
 */
export function useEventLog(storeId: string) {
  const client = useQueryClient();
  const queryKey = ['store-events', storeId];
  const cached = () => client.getQueryData<readonly StoreEvent[]>(queryKey) ?? [];
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      let events = cached();
      for (let isLast = false; !isLast;) {
        const params = { path: { id: storeId }, query: { after: lastSeq(events), limit: MAX_EVENT_PAGE } };
        const page = dataOf(await api.GET('/api/stores/{id}/events', { params, signal }));
        if (typeof page === 'string') throw new Error('The API sent a stream instead of a page of events.');
        const longer = addEvents(events, page.data);
        isLast = page.pagination.nextAfter === null || longer === events;
        events = longer;
      }
      // Events that arrived in the meantime.
      return addEvents(events, cached());
    },
    // An event is never changed, so only later ones are read.
    structuralSharing: false,
    refetchOnMount: 'always',
  });
  const [newest, setNewest] = useState(0);
  useEvents(({ event, isMissed }) => {
    if (isMissed || event.storeId !== storeId) return;
    setNewest((seq) => Math.max(seq, event.seq));
    client.setQueryData<readonly StoreEvent[]>(queryKey, (events) =>
      events === undefined ? undefined : addEvents(events, [event]),
    );
  });
  const { data, isFetching, refetch } = query;
  const isBehind = data !== undefined && !isFetching && lastSeq(data) < newest;
  useEffect(() => {
    if (isBehind) void refetch();
  }, [isBehind, refetch]);
  return query;
}
