import type { Store } from '../../api/contract/store.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** Returns the `StoreTarget` that activities and runs receive for a store that the API created. */
export function targetOf({ storeId: id, cluster, name, engine, namespace, releaseName: release }: Store): StoreTarget {
  const tenantId = 'default-user';
  return {
    storeId: id,
    cluster,
    tenantId,
    name,
    engine,
    namespace,
    releaseName: release,
    host: `${release}.localhost`,
  };
}
