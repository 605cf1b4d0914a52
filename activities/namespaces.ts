import type { V1Namespace } from '@kubernetes/client-node';
import { StoreError } from '../domain/failure.ts';
import type { ActivityInput, NamespaceResult, StoreTarget } from '../domain/operations.ts';
import type { NodeKind } from '../domain/store.ts';
import type { Kube } from './adapters/kube.ts';
import { pause } from './attempt.ts';
import type { RemovalResult } from './cluster-activities.ts';
import { MANAGER } from '../domain/names.ts';
import { belongsTo, limitRangeObject, namespaceObject, networkPolicyObject, quotaObject } from './namespace-objects.ts';

/** A quota that is not counted yet refuses all objects; its controller needs milliseconds, seconds on a busy cluster. */
const QUOTA_SETTLE_MS = 10_000;
const QUOTA_POLL_MS = 50;
const SIMULATED_NODE = { annotation: 'kwok.x-k8s.io/node', value: 'fake' } as const;

/** The store's namespace as it is now; undefined when there is none, or only someone else's under its name. */
export async function findOwnNamespace(kube: Kube, store: StoreTarget): Promise<V1Namespace | undefined> {
  const found = await readNamespace(kube, store);
  return found !== undefined && belongsTo(store, found) ? found : undefined;
}

export function isTerminating(namespace: V1Namespace): boolean {
  return namespace.metadata?.deletionTimestamp !== undefined;
}

export interface NamespaceDependencies {
  readonly kube: Kube;
  /** Id of this platform among those that share the cluster. */
  readonly installation: () => Promise<string>;
}

export function createNamespaceActivities({ kube, installation }: NamespaceDependencies) {
  /**
   * Makes the namespace with all that bounds it. Safe to repeat: it is created with our labels or found by them, and the
   * rest is applied, which changes nothing when nothing differs.
   *
   * @throws StoreError NAMESPACE_FOREIGN, NAMESPACE_TERMINATING
   */
  async function ensureNamespace({ store }: ActivityInput): Promise<NamespaceResult> {
    const wanted = namespaceObject(store, await installation());
    const namespace = (await readNamespace(kube, store)) ?? (await createNamespace(kube, store, wanted));
    if (!belongsTo(store, namespace)) {
      throw new StoreError(
        'NAMESPACE_FOREIGN',
        `the namespace ${store.namespace} exists and does not belong to this store`,
      );
    }
    if (isTerminating(namespace)) {
      throw new StoreError('NAMESPACE_TERMINATING', `the namespace ${store.namespace} is still being removed`);
    }
    const [applied, nodes] = await Promise.all([
      kube.apply(wanted),
      observeNodes(kube),
      kube.apply(quotaObject(store)),
      kube.apply(limitRangeObject(store)),
      kube.apply(networkPolicyObject(store)),
    ]);
    return { uid: applied.metadata?.uid ?? '', nodes };
  }

  /**
   * Asks the cluster to remove the namespace and all in it. Safe to repeat: absent is success, someone else's namespace
   * under the same name is left alone, and the UID makes sure that only the namespace that was looked at goes.
   *
   * @throws StoreError CLUSTER_UNAVAILABLE
   */
  async function deleteNamespace({ store }: ActivityInput): Promise<RemovalResult> {
    const namespace = await findOwnNamespace(kube, store);
    if (namespace === undefined) return { removed: false };
    const uid = namespace.metadata?.uid;
    if (isTerminating(namespace) || uid === undefined) return { removed: true };
    await deleteClaims(kube, store);
    await kube.callUnless(404, `delete the namespace ${store.namespace}`, () =>
      kube.core.deleteNamespace({
        name: store.namespace,
        body: { preconditions: { uid }, propagationPolicy: 'Background' },
      }),
    );
    return { removed: true };
  }

  return { ensureNamespace, deleteNamespace };
}

function readNamespace(kube: Kube, store: StoreTarget): Promise<V1Namespace | undefined> {
  return kube.callUnless(404, `read the namespace ${store.namespace}`, () =>
    kube.core.readNamespace({ name: store.namespace }),
  );
}

/**
 * Claims carry a finalizer. The namespace controller gives what it finds finalized 8 s before it looks again, so claims
 * that go beforehand (its first look is 5 s after the delete) halve the time that a namespace takes to go.
 */
async function deleteClaims(kube: Kube, { namespace }: StoreTarget): Promise<void> {
  await kube.callUnless(404, `delete the volume claims of ${namespace}`, () =>
    kube.core.deleteCollectionNamespacedPersistentVolumeClaim({ namespace }),
  );
}

async function createNamespace(kube: Kube, store: StoreTarget, wanted: V1Namespace): Promise<V1Namespace> {
  const created = await kube.callUnless(409, `create the namespace ${store.namespace}`, () =>
    kube.core.createNamespace({ body: wanted, fieldManager: MANAGER }),
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
  const { metadata: { name = '' } = {}, spec } = quotaObject(store);
  const wanted = Object.keys(spec?.hard ?? {});
  const deadline = Date.now() + QUOTA_SETTLE_MS;
  while (Date.now() < deadline) {
    const quota = await kube.callUnless(404, `read the quota of ${store.namespace}`, () =>
      kube.core.readNamespacedResourceQuota({ name, namespace: store.namespace }),
    );
    const counted = quota?.status?.used ?? {};
    if (quota === undefined || wanted.every((resource) => resource in counted)) return;
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
