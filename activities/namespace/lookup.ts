import type { V1Namespace } from '@kubernetes/client-node';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { Kube } from '../adapters/kube.ts';
import { belongsTo } from './objects.ts';

/** What is there under the name of the store's namespace, whosever it is. */
export function readNamespace(kube: Kube, store: StoreTarget): Promise<V1Namespace | undefined> {
  return kube.callUnless(404, `read the namespace ${store.namespace}`, () =>
    kube.core.readNamespace({ name: store.namespace }),
  );
}

/** The store's namespace as it is now; undefined when there is none, or only someone else's under its name. */
export async function findOwnNamespace(kube: Kube, store: StoreTarget): Promise<V1Namespace | undefined> {
  const found = await readNamespace(kube, store);
  return found !== undefined && belongsTo(store, found) ? found : undefined;
}

export function isTerminating(namespace: V1Namespace): boolean {
  return namespace.metadata?.deletionTimestamp !== undefined;
}
