import type { V1PersistentVolume } from '@kubernetes/client-node';
import type { Kube } from '../adapters/kube.ts';

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
