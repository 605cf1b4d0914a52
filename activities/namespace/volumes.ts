import type { V1PersistentVolume } from '@kubernetes/client-node';
import { ANNOTATIONS } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, referenceOf } from '../adapters/object-identity.ts';
import { findVolumes, listVolumes } from './find-volumes.ts';
import { labelsOf, type Owned, selectorOf } from './ownership.ts';
import type { ActivityInput, KeepVolumesInput } from '../../domain/operations/inputs.ts';
import type { KeptVolumes } from '../../domain/operations/outcomes.ts';

/** Creates the activities for volumes that the volume policy keeps after the delete of the store. */
export function createVolumeActivities({ kube }: { readonly kube: Kube }) {
  /**
   * Keeps the store's volumes when their claims are deleted: sets the reclaim policy Retain and ownership labels. Safe
   * to repeat: it finds the volumes by the claims of the namespace, or by its name, and sets the same values.
   */
  async function keepVolumes({ store, until }: Owned<KeepVolumesInput>): Promise<KeptVolumes> {
    const own = await findVolumes(kube, store);
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
  async function expireVolumes({ store }: Owned<ActivityInput>): Promise<KeptVolumes> {
    const volumes = await listVolumes(kube, store, selectorOf(store));
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
