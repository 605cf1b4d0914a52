import { LABELS } from '../../../domain/names.ts';
import { kubeClients } from '../stack/stack.ts';
import type { Store } from '../../../api/contract/store.ts';

/** Returns the objects of a store that the cluster still has, as `Kind/name`. It asks the cluster directly, not the platform. */
export async function clusterLeftovers(store: Pick<Store, 'storeId' | 'namespace'>): Promise<readonly string[]> {
  const { core } = kubeClients();
  const [namespaces, volumes, secrets] = await Promise.all([
    core.listNamespace(),
    core.listPersistentVolume(),
    core.listSecretForAllNamespaces(),
  ]);
  return [
    ...namespaces.items
      .filter(
        ({ metadata }) => metadata?.name === store.namespace || metadata?.labels?.[LABELS.storeId] === store.storeId,
      )
      .map(({ metadata }) => `Namespace/${metadata?.name}`),
    ...volumes.items
      .filter(({ spec }) => spec?.claimRef?.namespace === store.namespace)
      .map(({ metadata }) => `PersistentVolume/${metadata?.name}`),
    // Helm's release records are Secrets too.
    ...secrets.items
      .filter(({ metadata }) => metadata?.namespace === store.namespace)
      .map(({ metadata }) => `Secret/${metadata?.name}`),
  ];
}
