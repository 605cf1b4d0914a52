import type { Store } from '@store-platform/client';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { useEvents } from '../../../api/live.tsx';
import { keys } from '../../../api/query.ts';
import { addEvents, type EventLog } from '../model/event-log.ts';
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

const EMPTY: EventLog = { events: [], hasGap: false };

/**
 * Returns all events of a store in their order, also those that happen now. The number of an event shows whether one is missing;
 * then the page reads on from the last one that it has.
 */
export function useEventLog(storeId: string) {
  const client = useQueryClient();
  const queryKey = ['store-events', storeId];
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<EventLog> => {
      let log = { ...(client.getQueryData<EventLog>(queryKey) ?? EMPTY), hasGap: false };
      for (let isLast = false; !isLast;) {
        const after = log.events.at(-1)?.seq ?? 0;
        const params = { path: { id: storeId }, query: { after, limit: MAX_EVENT_PAGE } };
        const page = dataOf(await api.GET('/api/stores/{id}/events', { params, signal }));
        if (typeof page === 'string') throw new Error('The API sent a stream instead of a page of events.');
        log = addEvents(log, page.data);
        isLast = page.pagination.nextAfter === null;
      }
      // Events that arrived in the meantime.
      return addEvents(log, client.getQueryData<EventLog>(queryKey)?.events ?? []);
    },
    // An event is never changed, so only later ones are read.
    structuralSharing: false,
    refetchOnMount: 'always',
  });
  useEvents(({ event, isMissed }) => {
    if (isMissed || event.storeId !== storeId) return;
    client.setQueryData<EventLog>(queryKey, (log) => (log === undefined ? undefined : addEvents(log, [event])));
  });
  const hasGap = query.data?.hasGap ?? false;
  const { refetch } = query;
  useEffect(() => {
    if (hasGap) void refetch();
  }, [hasGap, refetch]);
  return query;
}
