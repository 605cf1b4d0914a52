import { type ReleaseSecret, releaseSelector, revisionOf } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** Lists the records of all revisions of a store's release, newest first. Reads the API, which is faster than Helm. */
export async function listReleaseRecords(kube: Kube, store: StoreTarget): Promise<readonly ReleaseSecret[]> {
  const { items } = await kube.call(`list the records of the release ${store.releaseName}`, () =>
    kube.core.listNamespacedSecret({
      namespace: store.namespace,
      labelSelector: releaseSelector(store.releaseName),
    }),
  );
  return items.toSorted((a, b) => revisionOf(b).revision - revisionOf(a).revision);
}
