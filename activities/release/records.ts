import { type ReleaseSecret, releaseSelector, revisionOf } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/**
 * Lists the records of the revisions that no newer one has replaced, newest first. It reads one record of about 40 kB instead
 * of the whole history. Empty: every record is replaced, or none exists.
 */
export function listCurrentReleaseRecords(kube: Kube, store: StoreTarget): Promise<readonly ReleaseSecret[]> {
  return list(kube, store, `${releaseSelector(store.releaseName)},status!=superseded`);
}

/** Lists the records of all revisions of a store's release, newest first. Reads the API, which is faster than Helm. */
export function listReleaseRecords(kube: Kube, store: StoreTarget): Promise<readonly ReleaseSecret[]> {
  return list(kube, store, releaseSelector(store.releaseName));
}

async function list(kube: Kube, store: StoreTarget, labelSelector: string): Promise<readonly ReleaseSecret[]> {
  const { items } = await kube.call(`list the records of the release ${store.releaseName}`, () =>
    kube.core.listNamespacedSecret({ namespace: store.namespace, labelSelector }),
  );
  return items.toSorted((a, b) => revisionOf(b).revision - revisionOf(a).revision);
}
