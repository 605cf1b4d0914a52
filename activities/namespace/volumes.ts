import type { V1PersistentVolume } from '@kubernetes/client-node';
import { ANNOTATIONS, LABELS, MANAGER } from '../../domain/names.ts';
import type { ActivityInput, KeepVolumesInput, KeptVolumes } from '../../domain/operations/types.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, referenceOf } from '../adapters/object-identity.ts';

/** Volumes that outlive their store because its volume policy says so. */
export function createVolumeActivities({ kube }: { readonly kube: Kube }) {
  /**
   * Makes the store's volumes stay when their claims go: reclaim policy Retain, and labels that say whose they were. Safe
   * to repeat: it finds them by their claims' namespace or by the labels, and sets the same again.
   */
  async function keepVolumes({ store, until }: KeepVolumesInput): Promise<KeptVolumes> {
    const own = await volumesOf(kube, store.namespace);
    for (const volume of own) {
      await kube.merge<V1PersistentVolume>({
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: {
          name: nameOf(volume, 'PersistentVolume'),
          labels: { [LABELS.managedBy]: MANAGER, [LABELS.storeId]: store.storeId, [LABELS.tenantId]: store.tenantId },
          annotations: { [ANNOTATIONS.keptUntil]: until ?? 'for ever' },
        },
        spec: { persistentVolumeReclaimPolicy: 'Retain' },
      });
    }
    return { kept: namesOf(own), until };
  }

  /**
   * Lets go of what was kept: the volumes' reclaim policy becomes Delete, which makes the cluster remove them with their
   * data, since their claims are gone. Safe to repeat, and it never touches a volume that is claimed.
   */
  async function expireVolumes({ store }: ActivityInput): Promise<KeptVolumes> {
    const labelSelector = `${LABELS.managedBy}=${MANAGER},${LABELS.storeId}=${store.storeId}`;
    const volumes = await volumesOf(kube, store.namespace, labelSelector);
    const unclaimed = volumes.filter(({ status }) => status?.phase !== 'Bound');
    for (const volume of unclaimed) {
      await kube.merge<V1PersistentVolume>({
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: nameOf(volume, 'PersistentVolume') },
        spec: { persistentVolumeReclaimPolicy: 'Delete' },
      });
    }
    return { kept: namesOf(unclaimed), until: null };
  }

  return { keepVolumes, expireVolumes };
}

function namesOf(volumes: readonly V1PersistentVolume[]): readonly string[] {
  return volumes.map((volume) => referenceOf(volume, 'PersistentVolume')).toSorted();
}

/** Volumes that a store's claims are or were bound to, whether or not the claims are there. */
export async function volumesOf(
  kube: Kube,
  namespace: string,
  labelSelector?: string,
): Promise<readonly V1PersistentVolume[]> {
  const { items } = await kube.call(`list the volumes of ${namespace}`, () =>
    kube.core.listPersistentVolume(labelSelector === undefined ? {} : { labelSelector }),
  );
  return items.filter(({ spec }) => spec?.claimRef?.namespace === namespace);
}

/** Whether it outlives its claim, by the store's volume policy or by the cluster's. */
export function isKept(volume: V1PersistentVolume): boolean {
  return volume.spec?.persistentVolumeReclaimPolicy === 'Retain';
}
