import { listStores, type Store, type StorePlatformClient } from '../../client/index.ts';
import { UsageError } from '../exit-codes.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Returns the store that a person names by its id, its slug or its name.
 *
 * @throws ApiError STORE_NOT_FOUND, UsageError when several stores have the name.
 */
export async function findStore(client: StorePlatformClient, reference: string): Promise<Store> {
  if (UUID.test(reference)) return getStore(client, reference);
  const found: Store[] = [];
  // A slug begins with the name in another spelling, so the API cannot search for it.
  for await (const store of listStores(client, { limit: 100 })) {
    if (store.slug === reference) return store;
    if (store.name.toLowerCase() === reference.toLowerCase()) found.push(store);
  }
  const [only, ...others] = found;
  if (only === undefined) throw new UsageError(`No store has the id, slug or name "${reference}".`);
  if (others.length > 0) {
    const ids = found.map(({ storeId, slug }) => `  ${storeId}  ${slug}`).join('\n');
    throw new UsageError(`Several stores have the name "${reference}". Use the id of one:\n${ids}`);
  }
  return only;
}

/** Reads a store. @throws ApiError STORE_NOT_FOUND */
export async function getStore(client: StorePlatformClient, storeId: string): Promise<Store> {
  const { data } = await client.GET('/api/stores/{id}', { params: { path: { id: storeId } } });
  if (data === undefined || data === null) throw new Error(`The API returned no store for the id ${storeId}.`);
  return data;
}
