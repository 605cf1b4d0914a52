import type { V1PersistentVolume } from '@kubernetes/client-node';
import { KEPT_FOREVER } from '../../domain/kept-volumes.ts';
import { ANNOTATIONS } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, referenceOf } from '../adapters/object-identity.ts';
import { findVolumes } from './find-volumes.ts';
import { labelsOf, type Owned } from './ownership.ts';
import type { KeepVolumesInput } from '../../domain/operations/inputs.ts';
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
          annotations: { [ANNOTATIONS.keptUntil]: until ?? KEPT_FOREVER },
        },
        spec: { persistentVolumeReclaimPolicy: 'Retain' },
      });
    }
    return { kept: namesOf(own), until };
  }

  return { keepVolumes };
}

function namesOf(volumes: readonly V1PersistentVolume[]): readonly string[] {
  return volumes.map((volume) => referenceOf(volume, 'PersistentVolume')).toSorted();
}
