import type { V1Namespace } from '@kubernetes/client-node';
import type { Kube } from '../adapters/kube.ts';
import { belongsTo } from './objects.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** Reads the namespace with the store's name, whether or not it belongs to the store. */
export function readNamespace(kube: Kube, store: StoreTarget): Promise<V1Namespace | undefined> {
  return kube.callUnless(404, `read the namespace ${store.namespace}`, () =>
    kube.core.readNamespace({ name: store.namespace }),
  );
}

/** Reads the store's namespace. Returns undefined when it does not exist or belongs to another owner. */
export async function findOwnNamespace(kube: Kube, store: StoreTarget): Promise<V1Namespace | undefined> {
  const found = await readNamespace(kube, store);
  return found !== undefined && belongsTo(store, found) ? found : undefined;
}

export function isTerminating(namespace: V1Namespace): boolean {
  return namespace.metadata?.deletionTimestamp !== undefined;
}
