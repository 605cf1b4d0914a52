import type { KubernetesObject, V1Namespace, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import type { ActivityInput, NamespaceResult, StoreTarget } from '../../domain/operations/types.ts';
import type { NodeKind } from '../../domain/store/store.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, resourceVersionOf, uidOf } from '../adapters/object-identity.ts';
import { pause } from '../runtime/activity-context.ts';
import { MANAGER } from '../../domain/names.ts';
import { fenceAnnotations, assertFence, acquireFenceOn } from './fence.ts';
import { belongsTo, limitRangeObject, namespaceObject, networkPolicyObject, quotaObject } from './objects.ts';
import { findOwnNamespace, isTerminating, readNamespace } from './lookup.ts';
import { isKept, volumesOf } from './volumes.ts';
import type { RemovalResult } from '../../domain/ports/cluster.ts';

/** A quota that is not counted yet refuses all objects; its controller needs milliseconds, seconds on a busy cluster. */
const QUOTA_SETTLE_MS = 10_000;
const QUOTA_POLL_MS = 50;
/** Of pods that go with their data: enough for a database to close its files. */
const HASTY_GRACE_SECONDS = 2;
/** A namespace also changes for other reasons while it is looked at; that many times are believable. */
const MAX_TRIES = 5;
const SIMULATED_NODE = { annotation: 'kwok.x-k8s.io/node', value: 'fake' } as const;

export interface NamespaceDependencies {
  readonly kube: Kube;
  /** Id of this platform among those that share the cluster. */
  readonly installation: () => Promise<string>;
}

export function createNamespaceActivities({ kube, installation }: NamespaceDependencies) {
  /**
   * Makes the namespace with all that bounds it, and takes it over from whatever was asked for before. Safe to repeat: it
   * is created with our labels or found by them, and the rest is applied, which changes nothing when nothing differs.
   *
   * @throws StoreError NAMESPACE_FOREIGN, NAMESPACE_TERMINATING, ATTEMPT_FENCED
   */
  async function ensureNamespace({ store }: ActivityInput): Promise<NamespaceResult> {
    const owner = await installation();
    const namespace = (await readNamespace(kube, store)) ?? (await createNamespace(kube, store, owner));
    if (!belongsTo(store, namespace)) {
      throw new StoreError(
        'NAMESPACE_FOREIGN',
        `the namespace ${store.namespace} exists and does not belong to this store`,
      );
    }
    if (isTerminating(namespace)) {
      throw new StoreError('NAMESPACE_TERMINATING', `the namespace ${store.namespace} is still being removed`);
    }
    await acquireFenceOn(kube, store, namespace);
    const uid = uidOf(namespace, 'Namespace');
    const [, nodes] = await Promise.all([
      kube.apply(namespaceObject(store, owner, { uid })),
      observeNodes(kube),
      kube.apply(quotaObject(store)),
      kube.apply(limitRangeObject(store)),
      kube.apply(networkPolicyObject(store)),
    ]);
    return { uid, nodes };
  }

  /**
   * Asks the cluster to remove the namespace and all in it. Safe to repeat: absent is success, someone else's namespace
   * under the same name is left alone, and so is one that has been taken over by what was asked for later. Only what was
   * looked at goes, as it was looked at.
   *
   * @throws StoreError CLUSTER_UNAVAILABLE, ATTEMPT_FENCED
   */
  async function deleteNamespace({ store }: ActivityInput): Promise<RemovalResult> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const namespace = await findOwnNamespace(kube, store);
      if (namespace === undefined) return { removed: false };
      if (isTerminating(namespace)) return { removed: true };
      assertFence(store, namespace);
      const [claims, pods] = await Promise.all([listClaims(kube, store), listPodsToHasten(kube, store)]);
      if (await deleteAsSeen(kube, namespace)) {
        await Promise.all([
          removeSeen(kube, 'PersistentVolumeClaim', claims),
          removeSeen(kube, 'Pod', pods, { gracePeriodSeconds: HASTY_GRACE_SECONDS }),
        ]);
        return { removed: true };
      }
    }
    throw new StoreError('CLUSTER_UNAVAILABLE', `the namespace ${store.namespace} keeps being changed by someone else`);
  }

  return { ensureNamespace, deleteNamespace };
}

/** False: it was changed or has gone since it was read. */
async function deleteAsSeen(kube: Kube, namespace: V1Namespace): Promise<boolean> {
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
 * Claims carry a finalizer. The namespace controller gives what it finds finalized 8 s before it looks again, so claims
 * that go before its first look, 5 s after the delete, halve the time that a namespace takes to go.
 */
async function listClaims(kube: Kube, { namespace }: StoreTarget): Promise<readonly V1PersistentVolumeClaim[]> {
  const { items } = await kube.call(`list the volume claims of ${namespace}`, () =>
    kube.core.listNamespacedPersistentVolumeClaim({ namespace }),
  );
  return items;
}

/**
 * Pods whose data go with them need no time to end in good order, and the namespace controller waits half of what the
 * slowest of them may take, unless they are gone before its first look. Where a volume stays, its database ends as it
 * likes to: none.
 */
async function listPodsToHasten(kube: Kube, { namespace }: StoreTarget): Promise<readonly V1Pod[]> {
  if ((await volumesOf(kube, namespace)).some(isKept)) return [];
  const { items } = await kube.call(`list the pods of ${namespace}`, () => kube.core.listNamespacedPod({ namespace }));
  return items;
}

/** Items of a list do not say what they are. */
async function removeSeen(
  kube: Kube,
  kind: 'PersistentVolumeClaim' | 'Pod',
  seen: readonly KubernetesObject[],
  ending?: { readonly gracePeriodSeconds: number },
): Promise<void> {
  await Promise.all(seen.map((object) => kube.remove({ ...object, apiVersion: 'v1', kind }, ending)));
}

async function createNamespace(kube: Kube, store: StoreTarget, installation: string): Promise<V1Namespace> {
  const body = namespaceObject(store, installation, { annotations: fenceAnnotations() });
  const created = await kube.callUnless(409, `create the namespace ${store.namespace}`, () =>
    kube.core.createNamespace({ body, fieldManager: MANAGER }),
  );
  const namespace = created ?? (await readNamespace(kube, store));
  if (namespace !== undefined) return namespace;
  throw new StoreError('NAMESPACE_TERMINATING', `the namespace ${store.namespace} was there a moment ago and is gone`);
}

/**
 * Waits, for a while, until the store's quota is counted. Called before objects are made that count: a quota that was just
 * made is counted while other things are done.
 */
export async function awaitQuota(kube: Kube, store: StoreTarget): Promise<void> {
  const wanted = quotaObject(store);
  const name = nameOf(wanted);
  const resources = Object.keys(wanted.spec?.hard ?? {});
  const deadline = Date.now() + QUOTA_SETTLE_MS;
  while (Date.now() < deadline) {
    const quota = await kube.callUnless(404, `read the quota of ${store.namespace}`, () =>
      kube.core.readNamespacedResourceQuota({ name, namespace: store.namespace }),
    );
    const counted = quota?.status?.used ?? {};
    if (quota === undefined || resources.every((resource) => resource in counted)) return;
    await pause(QUOTA_POLL_MS);
  }
  // Going on is safe: what the cluster then refuses for the quota's sake is retried.
}

/** Simulated only when every node that could take a pod is: one real node is enough to serve a store. */
async function observeNodes(kube: Kube): Promise<NodeKind> {
  const { items } = await kube.call('list the nodes', () => kube.core.listNode());
  const ready = items.filter((node) =>
    node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  if (ready.length === 0) return 'unknown';
  const simulated = ready.every(
    (node) => node.metadata?.annotations?.[SIMULATED_NODE.annotation] === SIMULATED_NODE.value,
  );
  return simulated ? 'simulated' : 'real';
}
