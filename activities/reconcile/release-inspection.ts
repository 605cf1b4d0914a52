import { isDeepStrictEqual } from 'node:util';
import { type KubernetesObject, loadYaml } from '@kubernetes/client-node';
import type { StoreTarget } from '../../domain/operations/inputs.ts';
import {
  decodeReleaseSecret,
  manifestDocuments,
  type ReleaseRecord,
  type ReleaseSecret,
  revisionOf,
} from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf } from '../adapters/object-identity.ts';
import { listClaims } from '../namespace/find-volumes.ts';
import { markedRelease, type MarkedRelease, type ReadyMark } from '../namespace/ready-mark.ts';
import type { WantedRelease } from '../release/next-action.ts';
import { listCurrentReleaseRecords, listReleaseRecords } from '../release/records.ts';
import { CLAIM_MISSING, drifted, forOperator, type Deviation, type Observed } from './deviation.ts';

/** The inspection of a release. */
export interface ReleaseInspection {
  readonly deviations: readonly Deviation[];
  /** Objects of the installed manifest, as Helm applies them, without Jobs. */
  readonly objects: readonly KubernetesObject[];
  /** Whether the mark of the namespace describes the installed release and its claims. */
  readonly isMarkCurrent: boolean;
}

/**
 * Finds the installed release of a store. Without a deployed release, the only deviation is the release itself, and
 * `objects` is empty.
 *
 * @param releasesOf Returns the releases that a repair with Helm may apply.
 * @throws StoreError CLUSTER_UNAVAILABLE
 */
export async function inspectRelease(
  kube: Kube,
  store: StoreTarget,
  mark: ReadyMark | undefined,
  releasesOf: (store: StoreTarget) => Promise<readonly WantedRelease[]>,
): Promise<ReleaseInspection> {
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
