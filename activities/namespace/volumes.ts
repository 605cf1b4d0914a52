import type { V1PersistentVolume } from '@kubernetes/client-node';
import { ANNOTATIONS, LABELS, MANAGER } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, referenceOf } from '../adapters/object-identity.ts';
import { labelsOf } from './objects.ts';
import type { ActivityInput, KeepVolumesInput } from '../../domain/operations/inputs.ts';
import type { KeptVolumes } from '../../domain/operations/outcomes.ts';

/** Creates the activities for volumes that the volume policy keeps after the delete of the store. */
export function createVolumeActivities({ kube }: { readonly kube: Kube }) {
  /**
   * Keeps the store's volumes when their claims are deleted: sets the reclaim policy Retain and ownership labels. Safe
   * to repeat: it finds the volumes by the namespace of their claims and sets the same values.
   */
  async function keepVolumes({ store, until }: KeepVolumesInput): Promise<KeptVolumes> {
    const own = await volumesOf(kube, store.namespace);
    for (const volume of own) {
      await kube.merge<V1PersistentVolume>({
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: {
          name: nameOf(volume, 'PersistentVolume'),
          labels: labelsOf(store),
          annotations: { [ANNOTATIONS.keptUntil]: until ?? 'forever' },
        },
        spec: { persistentVolumeReclaimPolicy: 'Retain' },
      });
    }
    return { kept: namesOf(own), until };
  }

  /**
   * Deletes kept volumes with their data: sets the reclaim policy Delete, and the cluster removes volumes whose claim
   * is gone. Safe to repeat. It never changes a bound volume.
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

/** Lists the volumes that the claims of a namespace are or were bound to, even when the claims are gone. */
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

/** Returns whether a volume is kept after its claim, by the volume policy of the store or of the cluster. */
export function isKept(volume: V1PersistentVolume): boolean {
  return volume.spec?.persistentVolumeReclaimPolicy === 'Retain';
}
