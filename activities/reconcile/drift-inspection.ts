import { isDeepStrictEqual } from 'node:util';
import { type KubernetesObject, loadYaml, type V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { engineSpec } from '../../domain/engines/index.ts';
import { StoreError } from '../../domain/failure.ts';
import { MANAGER } from '../../domain/names.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import {
  decodeReleaseSecret,
  manifestDocuments,
  type ReleaseRecord,
  type ReleaseSecret,
  revisionOf,
} from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, referenceOf } from '../adapters/object-identity.ts';
import { listClaims } from '../namespace/find-volumes.ts';
import { markedRelease, type MarkedRelease, type ReadyMark, readyMarkIn } from '../namespace/ready-mark.ts';
import { changedFields, isWithin } from './drift-diff.ts';
import { listLiveObjects, type LiveObjects } from './live-objects.ts';
import { limitRangeObject, namespaceObject, networkPolicyObject, quotaObject } from '../namespace/objects.ts';
import { belongsTo, type OwnedStore } from '../namespace/ownership.ts';
import { oneLine } from '../runtime/redaction.ts';
import { isLarger } from '../release/quantity.ts';
import type { WantedRelease } from '../release/next-action.ts';
import { listCurrentReleaseRecords, listReleaseRecords } from '../release/records.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** How a deviation is repaired. */
export type Repair =
  /** Apply the object as the field manager that owns its fields. */
  | { readonly kind: 'apply'; readonly object: KubernetesObject; readonly manager: string }
  /** Deploy the release again with Helm. */
  | { readonly kind: 'release' }
  /** Only an operator can repair it. */
  | { readonly kind: 'person' };

export interface Deviation {
  readonly drifted: DriftedObject;
  readonly repair: Repair;
}

export interface InspectionOptions {
  /** Returns the releases that a repair with Helm may apply. */
  readonly releasesOf: (store: StoreTarget) => Promise<readonly WantedRelease[]>;
  /** See `NamespaceDependencies`. */
  readonly dnsNetworks?: readonly string[] | undefined;
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
  { releasesOf, dnsNetworks = [] }: InspectionOptions,
): Promise<Inspection> {
  const namespace = await kube.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: store.namespace } });
  const seen = inspectNamespace(store, namespace);
  if ('unusable' in seen) return { deviations: [seen.unusable], isMarkCurrent: true };
  const { objects, deviations: ofRelease, isMarkCurrent } = await inspectRelease(kube, store, seen.mark, releasesOf);
  const wanted = [
    ...platformObjects(store, dnsNetworks).map((object) => ({ object, manager: MANAGER })),
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

function platformObjects(store: OwnedStore, dnsNetworks: readonly string[]): readonly KubernetesObject[] {
  const policy = networkPolicyObject(store, dnsNetworks);
  return [namespaceObject(store), quotaObject(store), limitRangeObject(store), policy];
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

async function inspectRelease(
  kube: Kube,
  store: StoreTarget,
  mark: ReadyMark | undefined,
  releasesOf: InspectionOptions['releasesOf'],
): Promise<Inspection & { readonly objects: readonly KubernetesObject[] }> {
  const object = `Release/${store.releaseName}`;
  const current = (await listCurrentReleaseRecords(kube, store))[0];
  if (current !== undefined && revisionOf(current).status === 'deployed') {
    const release = decodeReleaseSecret(current);
    const objects = manifestObjects(release.manifest, store);
    return { objects, deviations: [], isMarkCurrent: isCurrent(mark, release, claimsIn(objects)) };
  }
  const records = await listReleaseRecords(kube, store);
  const newest = records[0];
  if (newest !== undefined && revisionOf(newest).status.startsWith('uninstall')) {
    const observed = { object, state: 'changed', fields: ['status'] } as const;
    const release = forOperator(observed, 'an uninstall has begun; completing it would delete the volumes');
    return { objects: [], deviations: [release], isMarkCurrent: true };
  }
  const observed: Observed =
    newest === undefined ? { object, state: 'missing' } : { object, state: 'changed', fields: ['status'] };
  const installed = lastInstalled(records, mark);
  const wanted = (await releasesOf(store)).map(markedRelease);
  const deviations = await inspectForRepair(kube, store, { observed, wanted, installed });
  return { objects: [], deviations, isMarkCurrent: true };
}

/** The release that was installed last, as far as it is known. */
interface Installed {
  readonly release: MarkedRelease;
  readonly claims: readonly string[];
}

/** Returns the newest release that Helm has deployed, from its records or from the mark. */
function lastInstalled(records: readonly ReleaseSecret[], mark: ReadyMark | undefined): Installed | undefined {
  const good = records.find((record) => ['deployed', 'superseded'].includes(revisionOf(record).status));
  const release = good === undefined ? undefined : decodeReleaseSecret(good);
  const inManifest = release === undefined ? [] : claimsIn(manifestDocuments(release.manifest));
  const known = release === undefined ? mark?.release : markedRelease(release);
  if (known === undefined || known === null) return undefined;
  return { release: known, claims: [...new Set([...inManifest, ...(mark?.claims ?? [])])] };
}

/**
 * Decides whether Helm may deploy the release again. It would create missing volume claims again, and empty. It would
 * also apply the chart and the values of today, which can differ from the installed ones.
 */
async function inspectForRepair(
  kube: Kube,
  store: StoreTarget,
  {
    observed,
    wanted,
    installed,
  }: {
    readonly observed: Observed;
    readonly wanted: readonly MarkedRelease[];
    readonly installed: Installed | undefined;
  },
): Promise<readonly Deviation[]> {
  if (installed === undefined) {
    return [
      forOperator(observed, 'no record says which chart and which volumes the store had; a repair could lose data'),
    ];
  }
  const present = (await listClaims(kube, store.namespace)).map((claim) => nameOf(claim, 'PersistentVolumeClaim'));
  const missing = installed.claims.filter((claim) => !present.includes(claim));
  if (missing.length > 0) {
    return [
      forOperator(observed, 'a repair would create the missing volume claims again, and they would be empty'),
      ...missing.map((claim) =>
        forOperator({ object: `PersistentVolumeClaim/${claim}`, state: 'missing' }, CLAIM_MISSING),
      ),
    ];
  }
  if (wanted.some((release) => isDeepStrictEqual(release, installed.release))) {
    return [{ drifted: drifted(observed), repair: { kind: 'release' } }];
  }
  return [forOperator(observed, `a repair would change ${changeOf(installed.release, wanted[0])}`)];
}

function changeOf(before: MarkedRelease, after: MarkedRelease | undefined): string {
  if (before.chartName === after?.chartName && before.chartVersion === after.chartVersion)
    return 'the values of the chart';
  return `the chart from ${before.chartName} ${before.chartVersion} to ${after?.chartName} ${after?.chartVersion}`;
}

const CLAIM_MISSING = 'its data was deleted with it; a new volume would be empty';

function isCurrent(mark: ReadyMark | undefined, release: ReleaseRecord, claims: readonly string[]): boolean {
  return (
    mark !== undefined &&
    isDeepStrictEqual(mark.release, markedRelease(release)) &&
    claims.every((claim) => mark.claims.includes(claim))
  );
}

/** Returns the names of the volume claims among the objects of a manifest. */
function claimsIn(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').flatMap(({ metadata }) => metadata?.name ?? []);
}

/** Returns the objects of a manifest as Helm applies them: in the store's namespace, with Helm's ownership metadata. */
function manifestObjects(manifest: string, store: StoreTarget): readonly KubernetesObject[] {
  return manifestDocuments(manifest)
    .map((object): KubernetesObject => loadYaml(JSON.stringify(object)))
    .filter(({ kind }) => kind !== 'Job')
    .map((object) => withHelmMetadata(object, store));
}

/** Changes the parsed object in place: a copy would lose the class that the client needs to serialise it. */
function withHelmMetadata(object: KubernetesObject, store: StoreTarget): KubernetesObject {
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

type Observed = Pick<DriftedObject, 'object' | 'state'> & { readonly fields?: readonly string[] };

function drifted(observed: Observed): DriftedObject {
  return { fields: [], needsPerson: null, ...observed };
}

function forOperator(observed: Observed, needsPerson: string): Deviation {
  return { drifted: { ...drifted(observed), needsPerson }, repair: { kind: 'person' } };
}
