import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from './client.ts';
import { keys } from './query.ts';

const KNOWN_NODES_MS = 60_000;
const UNKNOWN_NODES_MS = 5_000;

/** The query of a store. */
export function storeQuery(storeId: string) {
  return queryOptions({
    queryKey: keys.store(storeId),
    queryFn: async () => dataOf(await api.GET('/api/stores/{id}', { params: { path: { id: storeId } } })),
  });
}

/** The query of the quota of the chosen tenant. */
export const quotaQuery = queryOptions({
  queryKey: keys.quota,
  queryFn: async () => dataOf(await api.GET('/api/quota')),
});

/** The query of the first stores whose name contains a text. */
export function storeSearchQuery(name: string) {
  return queryOptions({
    queryKey: keys.storeList({ search: name }),
    queryFn: async () => dataOf(await api.GET('/api/stores', { params: { query: { name, limit: 8 } } })),
  });
}

/**
 * The query of the health of the API, which also says what kind of nodes the cluster has. It is read again every minute, and
 * sooner while no worker has registered the cluster: a platform that starts knows the kind after a few seconds.
 */
export const healthQuery = queryOptions({
  queryKey: keys.health,
  queryFn: async () => dataOf(await api.GET('/health')),
  staleTime: KNOWN_NODES_MS,
  refetchInterval: ({ state: { data } }) => (data?.nodes === 'unknown' ? UNKNOWN_NODES_MS : KNOWN_NODES_MS),
});
