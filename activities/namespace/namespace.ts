import type { KubernetesObject, V1Namespace, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, resourceVersionOf, uidOf } from '../adapters/object-identity.ts';
import { pause } from '../runtime/activity-context.ts';
import { MANAGER } from '../../domain/names.ts';
import { fenceAnnotations, assertFence, acquireFenceOn } from './fence.ts';
import { isKept, listClaims, readVolumes, volumeNamesOf } from './find-volumes.ts';
import { createNodeObserver } from './observe-nodes.ts';
import { type ExtraPerPod, limitRangeObject, namespaceObject, networkPolicyObject, quotaObject } from './objects.ts';
import { findOwnNamespace, foreignNamespace, isTerminating, readNamespace } from './lookup.ts';
import { belongsTo, type Owned, type OwnedStore } from './ownership.ts';
import { assertNotReadyBefore } from './ready-mark.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';
import type { NamespaceRemoval, NamespaceResult } from '../../domain/operations/outcomes.ts';

/** A new quota refuses all objects until its controller has computed the usage: milliseconds, or seconds under load. */
const QUOTA_SETTLE_MS = 10_000;
const QUOTA_POLL_MS = 50;
/** Grace period of pods whose data is deleted too: enough for a database to close its files. */
const SHORT_GRACE_SECONDS = 2;
/** Writes of others to the namespace can conflict with the delete. More conflicts than this are not plausible. */
const MAX_TRIES = 5;

export interface NamespaceDependencies {
  readonly kube: Kube;
  readonly now: () => number;
  /** Networks in CIDR notation with DNS resolvers that are no pods of `kube-system`. Default: none. */
  readonly dnsNetworks?: readonly string[] | undefined;
  /** Room in the quota of a store for containers that the cluster adds to its pods. Default: none. */
  readonly extraPerPod?: ExtraPerPod | undefined;
}

export function createNamespaceActivities({ kube, now, dnsNetworks = [], extraPerPod }: NamespaceDependencies) {
  const observeNodes = createNodeObserver({ kube, now });

  /**
   * Creates the namespace with its quota, limit range and network policy, and acquires its fence. Safe to repeat: a
   * namespace whose labels name the store and the installation is adopted, and an apply without a difference changes
   * nothing. A namespace of another owner is not changed.
   *
   * @throws StoreError NAMESPACE_FOREIGN, NAMESPACE_TERMINATING, ATTEMPT_FENCED
   */
  async function ensureNamespace({ store }: Owned<ActivityInput>): Promise<NamespaceResult> {
    const namespace = (await readNamespace(kube, store)) ?? (await createNamespace(kube, store));
    if (!belongsTo(store, namespace)) throw foreignNamespace(store);
    if (isTerminating(namespace)) {
      throw new StoreError('NAMESPACE_TERMINATING', `the namespace ${store.namespace} is still terminating`);
    }
    await acquireFenceOn(kube, store, namespace);
    const uid = uidOf(namespace, 'Namespace');
    const [, nodes] = await Promise.all([
      kube.apply(namespaceObject(store, { uid })),
      observeNodes(),
      kube.apply(quotaObject(store, extraPerPod)),
      kube.apply(limitRangeObject(store)),
      kube.apply(networkPolicyObject(store, dnsNetworks)),
    ]);
    return { uid, nodes };
  }

  /**
   * Deletes the namespace and with it every object in it; does not wait for the end. Safe to repeat: an absent
   * namespace is success, and a namespace of another owner is not touched. Preconditions make sure that only the
   * namespace that was read is deleted, unchanged.
   *
   * @returns The names of its volumes, if this call deleted the namespace and every claim had a volume. Claims of a
   *   terminating namespace may be gone already, so they do not name all volumes.
   * @throws StoreError CLUSTER_UNAVAILABLE, ATTEMPT_FENCED
   * @throws StoreError NAMESPACE_HAS_DATA for the undo of a provision, if the store was ready before
   */
  async function deleteNamespace(input: Owned<ActivityInput>): Promise<NamespaceRemoval> {
    const { store } = input;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const namespace = await findOwnNamespace(kube, store);
      if (namespace === undefined) return { removed: false };
      if (isTerminating(namespace)) return { removed: true };
      assertFence(store, namespace);
      assertNotReadyBefore(namespace, input);
      // Claims have a finalizer: the namespace controller first looks 5 s after the delete, and waits 8 s when it finds
      // one. Without claims at the first look, the deletion takes half the time.
      const claims = await listClaims(kube, store.namespace);
      const pods = await listPodsToHurry(kube, store, claims);
      if (await deleteUnchanged(kube, namespace)) {
        const [late] = await Promise.all([
          listClaims(kube, store.namespace), // finds claims that were created between the first list and the delete
          removeListed(kube, 'PersistentVolumeClaim', claims),
          removeListed(kube, 'Pod', pods, { gracePeriodSeconds: SHORT_GRACE_SECONDS }),
        ]);
        const { names, areComplete } = volumeNamesOf([...claims, ...late]);
        return areComplete ? { removed: true, volumes: names } : { removed: true };
      }
    }
    throw new StoreError(
      'CLUSTER_UNAVAILABLE',
      `the namespace ${store.namespace} was changed during each of ${MAX_TRIES} attempts to delete it`,
    );
  }

  return { ensureNamespace, deleteNamespace };
}

/** Returns false when the namespace has changed or gone since it was read. */
async function deleteUnchanged(kube: Kube, namespace: V1Namespace): Promise<boolean> {
  const name = nameOf(namespace, 'Namespace');
  const preconditions = {
    uid: uidOf(namespace, 'Namespace'),
    resourceVersion: resourceVersionOf(namespace, 'Namespace'),
  };
  const body = { preconditions, propagationPolicy: 'Background' };
  const deleted = await kube.callUnless([404, 409], `delete the namespace ${name}`, () =>
    kube.core.deleteNamespace({ name, body }),
  );
  return deleted !== undefined;
}

/**
 * Lists the pods to delete with a short grace period; none when a volume is kept, whose database must shut down
 * normally. The namespace controller waits half of the longest grace period, unless the pods are gone before its first
 * look.
 */
async function listPodsToHurry(
  kube: Kube,
  store: OwnedStore,
  claims: readonly V1PersistentVolumeClaim[],
): Promise<readonly V1Pod[]> {
  const { namespace } = store;
  const volumes = await readVolumes(kube, store, volumeNamesOf(claims).names);
  if (volumes.some(isKept)) return [];
  const { items } = await kube.call(`list the pods of ${namespace}`, () => kube.core.listNamespacedPod({ namespace }));
  return items;
}

/** Removes objects of a list, whose items carry no kind. */
async function removeListed(
  kube: Kube,
  kind: 'PersistentVolumeClaim' | 'Pod',
  objects: readonly KubernetesObject[],
  ending?: { readonly gracePeriodSeconds: number },
): Promise<void> {
  await Promise.all(objects.map((object) => kube.remove({ ...object, apiVersion: 'v1', kind }, ending)));
}

async function createNamespace(kube: Kube, store: OwnedStore): Promise<V1Namespace> {
  const body = namespaceObject(store, { annotations: fenceAnnotations() });
  const created = await kube.callUnless(409, `create the namespace ${store.namespace}`, () =>
    kube.core.createNamespace({ body, fieldManager: MANAGER }),
  );
  const namespace = created ?? (await readNamespace(kube, store));
  if (namespace !== undefined) return namespace;
  throw new StoreError('NAMESPACE_TERMINATING', `the namespace ${store.namespace} was deleted while it was read`);
}

/**
 * Waits up to 10 s until the quota controller has computed the usage of the store's quota. Call it just before objects
 * are created that count, so that the controller works in parallel with the steps before.
 */
export async function awaitQuota(kube: Kube, store: OwnedStore): Promise<void> {
  const wanted = quotaObject(store);
  const name = nameOf(wanted);
  const resources = Object.keys(wanted.spec?.hard ?? {});
  const deadline = Date.now() + QUOTA_SETTLE_MS;
  while (Date.now() < deadline) {
    const quota = await kube.callUnless(404, `read the quota of ${store.namespace}`, () =>
      kube.core.readNamespacedResourceQuota({ name, namespace: store.namespace }),
    );
    const used = quota?.status?.used ?? {};
    if (quota === undefined || resources.every((resource) => resource in used)) return;
    await pause(QUOTA_POLL_MS);
  }
  // Continuing is safe: a refusal because of the unknown usage is retried.
}
