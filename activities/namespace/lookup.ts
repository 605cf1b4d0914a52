import type { V1Namespace } from '@kubernetes/client-node';
import type { Kube } from '../adapters/kube.ts';
import { StoreError } from '../../domain/failure.ts';
import { belongsTo, type OwnedStore } from './ownership.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** Reads the namespace with the store's name, whether or not it belongs to the store. */
export function readNamespace(kube: Kube, store: StoreTarget): Promise<V1Namespace | undefined> {
  return kube.callUnless(404, `read the namespace ${store.namespace}`, () =>
    kube.core.readNamespace({ name: store.namespace }),
  );
}

/** Reads the store's namespace. Returns undefined when it does not exist or belongs to another owner. */
export async function findOwnNamespace(kube: Kube, store: OwnedStore): Promise<V1Namespace | undefined> {
  const found = await readNamespace(kube, store);
  return found !== undefined && belongsTo(store, found) ? found : undefined;
}

/**
 * Checks that no other store and no other installation owns the namespace with the store's name. A namespace that does
 * not exist passes.
 *
 * @throws StoreError NAMESPACE_FOREIGN
 */
export async function assertNotForeign(kube: Kube, store: OwnedStore): Promise<void> {
  const found = await readNamespace(kube, store);
  if (found !== undefined && !belongsTo(store, found)) throw foreignNamespace(store);
}

/** Creates the error for a namespace that has the store's name and another owner. */
export function foreignNamespace({ namespace }: StoreTarget): StoreError {
  return new StoreError(
    'NAMESPACE_FOREIGN',
    `the namespace ${namespace} exists and its labels do not name this store and this installation`,
  );
}

export function isTerminating(namespace: V1Namespace): boolean {
  return namespace.metadata?.deletionTimestamp !== undefined;
}
