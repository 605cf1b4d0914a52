import { type KubernetesObject, loadYaml } from '@kubernetes/client-node';
import { engineSpec } from '../../domain/engines/index.ts';
import { StoreError } from '../../domain/failure.ts';
import { MANAGER } from '../../domain/names.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import { decodeReleaseSecret, manifestDocuments, revisionOf } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { referenceOf } from '../adapters/object-identity.ts';
import { changedFields, isWithin } from './drift-diff.ts';
import {
  belongsTo,
  limitRangeObject,
  namespaceObject,
  networkPolicyObject,
  quotaObject,
} from '../namespace/objects.ts';
import { oneLine } from '../runtime/redaction.ts';
import { listReleaseRecords } from '../release/records.ts';

/** How a deviation is put right. */
export type Repair =
  /** Apply the object as the field manager whose fields they are. */
  | { readonly kind: 'apply'; readonly object: KubernetesObject; readonly manager: string }
  /** Have Helm bring the release to be deployed. */
  | { readonly kind: 'release' }
  | { readonly kind: 'person' };

export interface Deviation {
  readonly drifted: DriftedObject;
  readonly repair: Repair;
}

const HELM = 'helm';
/** Objects at a time: an inspection is in no hurry, and the API server has other callers. */
const AT_ONCE = 4;

/**
 * Compares what a store has in the cluster with what was installed: the namespace with its bounds, the Secret, the
 * release and every object of its manifest. Only fields that were asked for count; what others have added is theirs.
 * Jobs are left out: they are work that was done, not state to keep.
 *
 * @throws StoreError CLUSTER_UNAVAILABLE
 */
export async function inspectStore(
  kube: Kube,
  store: StoreTarget,
  installation: string,
): Promise<readonly Deviation[]> {
  const lost = await inspectNamespace(kube, store);
  if (lost !== undefined) return [lost];
  const { objects, release } = await inspectRelease(kube, store);
  const wanted = [
    ...platformObjects(store, installation).map((object) => ({ object, manager: MANAGER })),
    ...objects.map((object) => ({ object, manager: undefined })),
  ];
  const found: (Deviation | undefined)[] = [await inspectSecret(kube, store), release];
  for (let from = 0; from < wanted.length; from += AT_ONCE) {
    const some = wanted.slice(from, from + AT_ONCE);
    found.push(...(await Promise.all(some.map(({ object, manager }) => inspectObject(kube, object, manager)))));
  }
  return found
    .filter((deviation) => deviation !== undefined)
    .toSorted((a, b) => (a.drifted.object < b.drifted.object ? -1 : 1));
}

function platformObjects(store: StoreTarget, installation: string): readonly KubernetesObject[] {
  return [
    namespaceObject(store, installation),
    quotaObject(store),
    limitRangeObject(store),
    networkPolicyObject(store),
  ];
}

/** A deviation that leaves nothing else to look at; undefined when the namespace is there and the store's. */
async function inspectNamespace(kube: Kube, store: StoreTarget): Promise<Deviation | undefined> {
  const object = `Namespace/${store.namespace}`;
  const live = await kube.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: store.namespace } });
  if (live === undefined) {
    return forOperator({ object, state: 'missing' }, 'the store is gone with its data; a new one would be empty');
  }
  if (!belongsTo(store, live)) {
    const fields = ['metadata.labels'];
    return forOperator({ object, state: 'changed', fields }, 'it does not say any more that it belongs to this store');
  }
  return beingRemoved(object, live);
}

/** Values are drawn once: databases on the store's volumes were made with them, so new ones would lock everyone out. */
async function inspectSecret(kube: Kube, store: StoreTarget): Promise<Deviation | undefined> {
  const { secretName, secretKeys } = engineSpec(store.engine);
  const object = `Secret/${secretName}`;
  const live = await kube.callUnless(404, `read the ${object}`, () =>
    kube.core.readNamespacedSecret({ name: secretName, namespace: store.namespace }),
  );
  if (live === undefined) {
    return forOperator(
      { object, state: 'missing' },
      "new values would not open the store's data; restore the old ones",
    );
  }
  const fields = secretKeys.filter(({ key }) => live.data?.[key] === undefined).map(({ key }) => `data.${key}`);
  if (!belongsTo(store, live)) fields.push('metadata.labels');
  if (fields.length === 0) return undefined;
  return forOperator({ object, state: 'changed', fields }, "new values would not open the store's data");
}

async function inspectRelease(
  kube: Kube,
  store: StoreTarget,
): Promise<{ readonly objects: readonly KubernetesObject[]; readonly release: Deviation | undefined }> {
  const object = `Release/${store.releaseName}`;
  const newest = (await listReleaseRecords(kube, store))[0];
  if (newest === undefined) {
    const seen = { object, state: 'missing' } as const;
    // Only the records are gone, or all that they listed, volumes too: the claims tell.
    const release = (await hasClaims(kube, store))
      ? { drifted: drifted(seen), repair: { kind: 'release' } as const }
      : forOperator(seen, 'the volumes went with it; new ones would be empty');
    return { objects: [], release };
  }
  const { status } = revisionOf(newest);
  if (status === 'deployed') {
    return { objects: manifestObjects(decodeReleaseSecret(newest).manifest, store), release: undefined };
  }
  const seen = { object, state: 'changed', fields: ['status'] } as const;
  const release = status.startsWith('uninstall')
    ? forOperator(seen, 'someone began to uninstall it; going on with that would remove its volumes')
    : { drifted: drifted(seen), repair: { kind: 'release' } as const };
  return { objects: [], release };
}

async function hasClaims(kube: Kube, store: StoreTarget): Promise<boolean> {
  const { items } = await kube.call(`list the volume claims of ${store.namespace}`, () =>
    kube.core.listNamespacedPersistentVolumeClaim({ namespace: store.namespace, limit: 1 }),
  );
  return items.length > 0;
}

/** The objects of a manifest as Helm writes them: in the store's namespace, marked as its own. */
function manifestObjects(manifest: string, store: StoreTarget): readonly KubernetesObject[] {
  return manifestDocuments(manifest)
    .map((object): KubernetesObject => loadYaml(JSON.stringify(object)))
    .filter(({ kind }) => kind !== 'Job')
    .map((object) => markedByHelm(object, store));
}

/** Changes an object that was just parsed: a copy would lose the class by which the client sends it. */
function markedByHelm(object: KubernetesObject, store: StoreTarget): KubernetesObject {
  const metadata = Object.assign(object.metadata ?? {}, {
    namespace: store.namespace,
    labels: { ...object.metadata?.labels, 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: {
      ...object.metadata?.annotations,
      'meta.helm.sh/release-name': store.releaseName,
      'meta.helm.sh/release-namespace': store.namespace,
    },
  });
  return Object.assign(object, { metadata });
}

async function inspectObject(
  kube: Kube,
  wanted: KubernetesObject,
  manager: string | undefined,
): Promise<Deviation | undefined> {
  const object = referenceOf(wanted);
  const live = await kube.read(wanted);
  const repair = { kind: 'apply', object: wanted, manager: manager ?? helmManagerOf(live) } as const;
  if (live === undefined) {
    return wanted.kind === 'PersistentVolumeClaim'
      ? forOperator({ object, state: 'missing' }, 'its data went with it; a new volume would be empty')
      : { drifted: drifted({ object, state: 'missing' }), repair };
  }
  const going = beingRemoved(object, live);
  if (going !== undefined) return going;
  if (isWithin(wanted, live)) return undefined;
  try {
    const fields = changedFields(live, await kube.tryApply(wanted));
    return fields.length === 0 ? undefined : { drifted: drifted({ object, state: 'changed', fields }), repair };
  } catch (error) {
    if (!(error instanceof StoreError) || error.code === 'CLUSTER_UNAVAILABLE') throw error;
    return forOperator({ object, state: 'changed' }, `it can't be changed back: ${oneLine(error.publicMessage)}`);
  }
}

/** The name under which Helm owns the object's fields: that of its executable, which may be called anything. */
function helmManagerOf(live: KubernetesObject | undefined): string {
  const applied = live?.metadata?.managedFields?.find(
    ({ operation, manager }) => operation === 'Apply' && manager !== undefined && !manager.startsWith(MANAGER),
  );
  return applied?.manager ?? HELM;
}

function beingRemoved(object: string, live: KubernetesObject): Deviation | undefined {
  if (live.metadata?.deletionTimestamp === undefined) return undefined;
  return forOperator({ object, state: 'changed', fields: ['metadata.deletionTimestamp'] }, 'it is being removed');
}

type Seen = Pick<DriftedObject, 'object' | 'state'> & { readonly fields?: readonly string[] };

function drifted(seen: Seen): DriftedObject {
  return { fields: [], needsPerson: null, ...seen };
}

function forOperator(seen: Seen, needsPerson: string): Deviation {
  return { drifted: { ...drifted(seen), needsPerson }, repair: { kind: 'person' } };
}
