import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from './client.ts';
import { keys } from './query.ts';

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
 * The query of a ready store. Its `servesTraffic` says whether the nodes of the cluster are simulated: then the pods of a ready
 * store do not run.
 */
export const readyStoreQuery = queryOptions({
  queryKey: keys.storeList({ status: 'ready', limit: 1 }),
  queryFn: async () => dataOf(await api.GET('/api/stores', { params: { query: { status: ['ready'], limit: 1 } } })),
});
