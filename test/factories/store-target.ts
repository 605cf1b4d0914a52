import type { Store } from '../../api/contract/store.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** What activities and runs are told of a store that the API has made. */
export function targetOf({ storeId: id, name, engine, namespace, releaseName: release }: Store): StoreTarget {
  const tenantId = 'default-user';
  return { storeId: id, tenantId, name, engine, namespace, releaseName: release, host: `${release}.localhost` };
}
