import type { StoreTarget } from '../../domain/operations/types.ts';
import type { StoreResource } from '../../domain/store/store.ts';

/** What activities and runs are told of a store that the API has made. */
export function targetOf({ id, name, engine, namespace, release }: StoreResource): StoreTarget {
  const tenantId = 'default-user';
  return { storeId: id, tenantId, name, engine, namespace, releaseName: release, host: `${release}.localhost` };
}
