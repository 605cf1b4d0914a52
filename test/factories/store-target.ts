import type { Store } from '../../api/contract/store.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** Returns the `StoreTarget` that activities and runs receive for a store that the API created. */
export function targetOf({ id, name, engine, namespace, release }: StoreResource): StoreTarget {
  const tenantId = 'default-user';
  return { storeId: id, tenantId, name, engine, namespace, releaseName: release, host: `${release}.localhost` };
}
