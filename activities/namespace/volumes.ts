import type { V1PersistentVolume } from '@kubernetes/client-node';
import { ANNOTATIONS } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, referenceOf } from '../adapters/object-identity.ts';
import { readNamespace } from './lookup.ts';
import { belongsTo, hasOwner, labelsOf, type Owned, type OwnedStore, selectorOf } from './ownership.ts';
import type { ActivityInput, KeepVolumesInput } from '../../domain/operations/inputs.ts';
import type { KeptVolumes } from '../../domain/operations/outcomes.ts';

/** Creates the activities for volumes that the volume policy keeps after the delete of the store. */
export function createVolumeActivities({ kube }: { readonly kube: Kube }) {
  /**
   * Keeps the store's volumes when their claims are deleted: sets the reclaim policy Retain and ownership labels. Safe
   * to repeat: it finds the volumes by the namespace of their claims and sets the same values.
   */
  async function keepVolumes({ store, until }: Owned<KeepVolumesInput>): Promise<KeptVolumes> {
    const own = await volumesOf(kube, store);
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
    const volumes = await listVolumes(kube, store.namespace, selectorOf(store));
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

/**
 * Lists the volumes that the claims of the store are or were bound to, even when the claims are gone. A provisioner
 * creates volumes without ownership labels: they belong to the owner of the namespace of their claims.
 */
export async function volumesOf(kube: Kube, store: OwnedStore): Promise<readonly V1PersistentVolume[]> {
  const claimed = await listVolumes(kube, store.namespace);
  const own = claimed.filter((volume) => belongsTo(store, volume));
  const unlabelled = claimed.filter((volume) => !hasOwner(volume));
  if (unlabelled.length === 0) return own;
  const namespace = await readNamespace(kube, store);
  const isForeign = namespace !== undefined && !belongsTo(store, namespace);
  return isForeign ? own : [...own, ...unlabelled];
}

/** Lists the volumes whose claims are or were in a namespace. */
async function listVolumes(
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
