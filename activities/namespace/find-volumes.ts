import type { V1PersistentVolume, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { Kube } from '../adapters/kube.ts';
import { uidOf } from '../adapters/object-identity.ts';
import { isTerminating, readNamespace } from './lookup.ts';
import { belongsTo, hasOwner, type OwnedStore } from './ownership.ts';

/** Volumes per list request. A cluster has several volumes for each store, about 2 kB each. */
const VOLUMES_A_PAGE = 250;

/** Lists the volume claims of a namespace. */
export async function listClaims(kube: Kube, namespace: string): Promise<readonly V1PersistentVolumeClaim[]> {
  const { items } = await kube.call(`list the volume claims of ${namespace}`, () =>
    kube.core.listNamespacedPersistentVolumeClaim({ namespace }),
  );
  return items;
}

/**
 * Returns the names of the volumes of claims, and whether they are complete. A claim without a volume makes them
 * incomplete: a provisioner may create its volume later. If a claim is listed twice, its last state counts.
 */
export function volumeNamesOf(claims: readonly V1PersistentVolumeClaim[]): {
  readonly names: readonly string[];
  readonly areComplete: boolean;
} {
  const latest = new Map(claims.map((claim) => [uidOf(claim, 'PersistentVolumeClaim'), claim]));
  const names = [...latest.values()].flatMap(({ spec }) => spec?.volumeName || []);
  return { names: names.toSorted(), areComplete: names.length === latest.size };
}

/**
 * Reads volumes of the store by name. Leaves out those that do not exist, and those that another owner or a claim of
 * another namespace has: a claim can name any volume.
 */
export async function readVolumes(
  kube: Kube,
  store: OwnedStore,
  names: readonly string[],
): Promise<readonly V1PersistentVolume[]> {
  const found = await Promise.all(
    names.map((name) =>
      kube.callUnless(404, `read the volume ${name}`, () => kube.core.readPersistentVolume({ name })),
    ),
  );
  return selectOwn(
    kube,
    store,
    found.filter((volume) => volume !== undefined),
  );
}

/**
 * Lists the volumes that the claims of the store are or were bound to, even when the claims are gone. Without a label
 * selector it reads all volumes of the cluster, page by page: call it only when their names are not known.
 *
 * No smaller request shows that no volume is left. The API server selects volumes by name and labels, not by their claim. A
 * provisioner sets neither our labels nor a name that we can know: `pvc-<UID of the claim>` is its default, and other
 * volumes are bound by hand. Nor does a claim without a volume show it: its provisioner may be about to create one.
 * Computed for 10,000 stores with 25,000 volumes: 100 requests, one after the other, and 50 MB.
 */
export async function listVolumes(
  kube: Kube,
  store: OwnedStore,
  labelSelector?: string,
): Promise<readonly V1PersistentVolume[]> {
  const found: V1PersistentVolume[] = [];
  let next: string | undefined;
  do {
    const page = {
      limit: VOLUMES_A_PAGE,
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(next === undefined ? {} : { _continue: next }),
    };
    const { items, metadata } = await kube.call(`list the volumes of ${store.namespace}`, () =>
      kube.core.listPersistentVolume(page),
    );
    found.push(...items.filter(isClaimedIn(store.namespace)));
    const { _continue: token } = metadata ?? {};
    next = token || undefined;
  } while (next !== undefined);
  return selectOwn(kube, store, found);
}

/**
 * Finds the volumes of a store by the claims in its namespace. Lists all volumes of the cluster instead when the claims
 * may not name all of them: the namespace is gone, terminating or of another owner, or a claim has no volume yet.
 */
export async function findVolumes(kube: Kube, store: OwnedStore): Promise<readonly V1PersistentVolume[]> {
  const found = await readNamespace(kube, store);
  if (found === undefined || isTerminating(found) || !belongsTo(store, found)) return listVolumes(kube, store);
  const { names, areComplete } = volumeNamesOf(await listClaims(kube, store.namespace));
  return areComplete ? readVolumes(kube, store, names) : listVolumes(kube, store);
}

/** Returns whether a volume is kept after its claim, by the volume policy of the store or of the cluster. */
export function isKept(volume: V1PersistentVolume): boolean {
  return volume.spec?.persistentVolumeReclaimPolicy === 'Retain';
}

/**
 * Returns the volumes that belong to the store. A provisioner creates volumes without ownership labels: they belong to
 * the owner of the namespace of their claims.
 */
async function selectOwn(
  kube: Kube,
  store: OwnedStore,
  volumes: readonly V1PersistentVolume[],
): Promise<readonly V1PersistentVolume[]> {
  const claimed = volumes.filter(isClaimedIn(store.namespace));
  const own = claimed.filter((volume) => belongsTo(store, volume));
  const unlabelled = claimed.filter((volume) => !hasOwner(volume));
  if (unlabelled.length === 0) return own;
  const namespace = await readNamespace(kube, store);
  const isForeign = namespace !== undefined && !belongsTo(store, namespace);
  return isForeign ? own : [...own, ...unlabelled];
}

function isClaimedIn(namespace: string): (volume: V1PersistentVolume) => boolean {
  return ({ spec }) => spec?.claimRef?.namespace === namespace;
}
