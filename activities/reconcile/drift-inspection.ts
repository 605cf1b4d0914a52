import { type KubernetesObject, loadYaml, type V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { engineSpec } from '../../domain/engines/index.ts';
import { StoreError } from '../../domain/failure.ts';
import { MANAGER } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import { referenceOf } from '../adapters/object-identity.ts';
import { type ReadyMark, readyMarkIn } from '../namespace/ready-mark.ts';
import { CLAIM_MISSING, drifted, forOperator, type Deviation } from './deviation.ts';
import { changedFields, isWithin } from './drift-diff.ts';
import { inspectRelease } from './release-inspection.ts';
import { listLiveObjects, type LiveObjects } from './live-objects.ts';
import {
  type ExtraPerPod,
  limitRangeObject,
  namespaceObject,
  networkPolicyObject,
  quotaObject,
} from '../namespace/objects.ts';
import { belongsTo, type OwnedStore } from '../namespace/ownership.ts';
import { oneLine } from '../runtime/redaction.ts';
import { isLarger } from '../release/quantity.ts';
import type { WantedRelease } from '../release/next-action.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

export interface InspectionOptions {
  /** Returns the releases that a repair with Helm may apply. */
  readonly releasesOf: (store: StoreTarget) => Promise<readonly WantedRelease[]>;
  /** See `NamespaceDependencies`. */
  readonly dnsNetworks?: readonly string[] | undefined;
  readonly extraPerPod?: ExtraPerPod | undefined;
}

export interface Inspection {
  readonly deviations: readonly Deviation[];
  /** Whether the mark of the namespace describes the installed release and its claims. */
  readonly isMarkCurrent: boolean;
}

const HELM = 'helm';
/** Objects that are read in parallel: an inspection is not urgent, and the API server has other callers. */
const PARALLEL_READS = 4;

/**
 * Compares the objects of a store with the installed ones: the namespace with its quota, limit range and network
 * policy, the Secret, the release and every object of its manifest. Only fields of the manifest count, not fields that
 * others have added. Jobs are not compared: they are completed work, not desired state. It lists the objects by kind, and
 * reads only those again that seem to differ.
 *
 * @throws StoreError CLUSTER_UNAVAILABLE
 */
export async function inspectStore(
  kube: Kube,
  store: OwnedStore,
  { releasesOf, ...settings }: InspectionOptions,
): Promise<Inspection> {
  const namespace = await kube.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: store.namespace } });
  const seen = inspectNamespace(store, namespace);
  if ('unusable' in seen) return { deviations: [seen.unusable], isMarkCurrent: true };
  const { objects, deviations: ofRelease, isMarkCurrent } = await inspectRelease(kube, store, seen.mark, releasesOf);
  const wanted = [
    ...platformObjects(store, settings).map((object) => ({ object, manager: MANAGER })),
    ...objects.map((object) => ({ object, manager: undefined })),
  ];
  const listed = await listLiveObjects(
    kube,
    store.namespace,
    wanted.map(({ object }) => object),
  );
  const live: LiveObjects = (object) => (object.kind === 'Namespace' ? namespace : listed(object));
  const suspects = wanted.filter(({ object }) => !isAsWanted(object, live(object)));
  const found: (Deviation | undefined)[] = [await inspectSecret(kube, store), ...ofRelease];
  for (let from = 0; from < suspects.length; from += PARALLEL_READS) {
    const batch = suspects.slice(from, from + PARALLEL_READS);
    found.push(...(await Promise.all(batch.map(({ object, manager }) => inspectObject(kube, object, manager)))));
  }
  const deviations = found
    .filter((deviation) => deviation !== undefined)
    .toSorted((a, b) => (a.drifted.object < b.drifted.object ? -1 : 1));
  return { deviations, isMarkCurrent };
}

function platformObjects(
  store: OwnedStore,
  { dnsNetworks = [], extraPerPod }: Omit<InspectionOptions, 'releasesOf'>,
): readonly KubernetesObject[] {
  const policy = networkPolicyObject(store, dnsNetworks);
  return [namespaceObject(store), quotaObject(store, extraPerPod), limitRangeObject(store), policy];
}

/**
 * Returns the mark when the namespace exists and belongs to the store. Otherwise nothing else can be inspected, and it
 * returns why.
 */
function inspectNamespace(
  store: OwnedStore,
  live: KubernetesObject | undefined,
): { readonly mark: ReadyMark | undefined } | { readonly unusable: Deviation } {
  const object = `Namespace/${store.namespace}`;
  if (live === undefined) {
    const reason = 'the namespace was deleted with all data of the store; a new one would be empty';
    return { unusable: forOperator({ object, state: 'missing' }, reason) };
  }
  if (!belongsTo(store, live)) {
    const observed = { object, state: 'changed', fields: ['metadata.labels'] } as const;
    return { unusable: forOperator(observed, 'its labels no longer name this store and this installation') };
  }
  const terminating = inspectDeletion(object, live);
  return terminating === undefined ? { mark: readyMarkIn(live) } : { unusable: terminating };
}

/**
 * The Secret can't be repaired: the databases on the store's volumes accept only the values that they were created
 * with.
 */
async function inspectSecret(kube: Kube, store: OwnedStore): Promise<Deviation | undefined> {
  const { secretName, secretKeys } = engineSpec(store.engine);
  const object = `Secret/${secretName}`;
  const live = await kube.callUnless(404, `read the ${object}`, () =>
    kube.core.readNamespacedSecret({ name: secretName, namespace: store.namespace }),
  );
  if (live === undefined) {
    return forOperator(
      { object, state: 'missing' },
      'the databases of the store do not accept new values; restore the old ones',
    );
  }
  const fields = secretKeys.filter(({ key }) => live.data?.[key] === undefined).map(({ key }) => `data.${key}`);
  if (!belongsTo(store, live)) fields.push('metadata.labels');
  if (fields.length === 0) return undefined;
  return forOperator({ object, state: 'changed', fields }, 'the databases of the store do not accept new values');
}

/** Returns whether an object of the cache has every field of the wanted one. If not, it must be read and compared. */
function isAsWanted(wanted: KubernetesObject, live: ReturnType<LiveObjects>): boolean {
  return live !== undefined && live.metadata?.deletionTimestamp === undefined && isWithin(wanted, live);
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
      ? forOperator({ object, state: 'missing' }, CLAIM_MISSING)
      : { drifted: drifted({ object, state: 'missing' }), repair };
  }
  const terminating = inspectDeletion(object, live);
  if (terminating !== undefined) return terminating;
  if (isWithin(wanted, live)) return undefined;
  const grown = grownVolume(wanted, live);
  if (grown !== undefined) {
    // Other fields of the claim are repaired first, with the size that it has.
    return (await inspectObject(kube, grown.wanted, manager)) ?? grown.deviation;
  }
  try {
    const fields = changedFields(live, await kube.tryApply(wanted));
    return fields.length === 0 ? undefined : { drifted: drifted({ object, state: 'changed', fields }), repair };
  } catch (error) {
    if (!(error instanceof StoreError) || error.code === 'CLUSTER_UNAVAILABLE') throw error;
    return forOperator(
      { object, state: 'changed' },
      `the cluster refuses to restore it: ${oneLine(error.publicMessage)}`,
    );
  }
}

/**
 * Returns undefined unless the object is a volume claim that asks for more than the release. An operator has enlarged it,
 * and Kubernetes makes no volume smaller.
 */
function grownVolume(
  wanted: V1PersistentVolumeClaim,
  live: V1PersistentVolumeClaim,
): { readonly wanted: KubernetesObject; readonly deviation: Deviation } | undefined {
  const size = wanted.spec?.resources?.requests?.['storage'];
  const liveSize = live.spec?.resources?.requests?.['storage'];
  if (wanted.kind !== 'PersistentVolumeClaim' || size === undefined || liveSize === undefined) return undefined;
  if (!isLarger(liveSize, size)) return undefined;
  // Parsed again: the client needs the classes of the objects to serialise them.
  const adjusted = loadYaml<V1PersistentVolumeClaim>(JSON.stringify(wanted));
  Object.assign(adjusted.spec?.resources?.requests ?? {}, { storage: liveSize });
  const deviation = forOperator(
    { object: referenceOf(wanted), state: 'changed', fields: ['spec.resources.requests.storage'] },
    `it is larger than the release asks for (${liveSize} instead of ${size}). The platform keeps the larger size; the next change of the release records it`,
  );
  return { wanted: adjusted, deviation };
}

/** Returns Helm's field manager of the object: the name of Helm's executable, which an operator may have renamed. */
function helmManagerOf(live: KubernetesObject | undefined): string {
  const applied = live?.metadata?.managedFields?.find(
    ({ operation, manager }) => operation === 'Apply' && manager !== undefined && !manager.startsWith(MANAGER),
  );
  return applied?.manager ?? HELM;
}

function inspectDeletion(object: string, live: KubernetesObject): Deviation | undefined {
  if (live.metadata?.deletionTimestamp === undefined) return undefined;
  return forOperator({ object, state: 'changed', fields: ['metadata.deletionTimestamp'] }, 'it is terminating');
}
