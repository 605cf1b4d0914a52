import { createHash } from 'node:crypto';
import type { KubernetesObject, V1Namespace } from '@kubernetes/client-node';
import { z } from 'zod';
import { StoreError } from '../../domain/failure.ts';
import { ANNOTATIONS } from '../../domain/names.ts';
import { decodeReleaseSecret, type ReleaseRecord, revisionOf } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, resourceVersionOf } from '../adapters/object-identity.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';
import { listClaims } from './find-volumes.ts';
import { findOwnNamespace } from './lookup.ts';
import type { Owned, OwnedStore } from './ownership.ts';
import { listReleaseRecords } from '../release/records.ts';
import { factsAnnotation, parsed, sortedJson } from './store-facts.ts';

/**
 * The mark on the namespace of a store that was ready. It outlives the record: a database that was restored does not
 * know that the store became ready.
 */
export interface ReadyMark {
  /** RFC 3339. When the store first became ready. */
  readonly since: string;
  /** Run in which it became ready first. */
  readonly runId: string;
  /** Names of all volume claims that the store has had. */
  readonly claims: readonly string[];
  /** The release that was installed last. Null: it had no record. */
  readonly release: MarkedRelease | null;
}

/** The chart and the values of a release. Equal digests mean equal values. */
export interface MarkedRelease {
  readonly chartName: string;
  readonly chartVersion: string;
  readonly valuesDigest: string;
}

const Mark = z.object({
  since: z.iso.datetime(),
  runId: z.string(),
  claims: z.array(z.string()),
  release: z.object({ chartName: z.string(), chartVersion: z.string(), valuesDigest: z.string() }).nullable(),
});

/** Writes of others to the namespace can conflict with the mark. More conflicts than this are not plausible. */
const MAX_TRIES = 5;

/** Returns the mark of a namespace, undefined when it has none. */
export function readyMarkIn({ metadata }: KubernetesObject): ReadyMark | undefined {
  const { success, data } = Mark.safeParse(parsed(metadata?.annotations?.[ANNOTATIONS.ready]));
  return success ? data : undefined;
}

/** Returns what a release is made of, for comparison with a mark. */
export function markedRelease({
  chartName,
  chartVersion,
  values,
}: Pick<ReleaseRecord, 'chartName' | 'chartVersion' | 'values'>): MarkedRelease {
  const valuesDigest = createHash('sha256').update(sortedJson(values)).digest('hex');
  return { chartName, chartVersion, valuesDigest };
}

export function createReadyMarkActivities({ kube, now }: { readonly kube: Kube; readonly now: () => number }) {
  return {
    markReady: ({ store, run }: Owned<ActivityInput>) => writeReadyMark(kube, store, { runId: run.runId, now }),
  };
}

/**
 * Marks the namespace of a store that is ready, and writes the facts about the store to it again, because a decision of
 * an operator can have changed them. Safe to repeat: the time and the run of the first mark stay, and claims are only
 * added.
 *
 * @throws StoreError CLUSTER_UNAVAILABLE
 */
export async function writeReadyMark(
  kube: Kube,
  store: OwnedStore,
  { runId, now }: { readonly runId: string; readonly now: () => number },
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const namespace = await findOwnNamespace(kube, store);
    if (namespace === undefined) return;
    const known = readyMarkIn(namespace);
    const [claims, records] = await Promise.all([listClaims(kube, store.namespace), listReleaseRecords(kube, store)]);
    const deployed = records.find((record) => revisionOf(record).status === 'deployed');
    const names = claims.map((claim) => nameOf(claim, 'PersistentVolumeClaim'));
    const mark: ReadyMark = {
      since: known?.since ?? new Date(now()).toISOString(),
      runId: known?.runId ?? runId,
      claims: [...new Set([...(known?.claims ?? []), ...names])].toSorted(),
      release: deployed === undefined ? (known?.release ?? null) : markedRelease(decodeReleaseSecret(deployed)),
    };
    const marked = await kube.merge<V1Namespace>({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: store.namespace,
        resourceVersion: resourceVersionOf(namespace, 'Namespace'),
        annotations: { ...factsAnnotation(store), [ANNOTATIONS.ready]: JSON.stringify(mark) },
      },
    });
    if (marked !== undefined) return;
  }
  throw new StoreError(
    'CLUSTER_UNAVAILABLE',
    `the namespace ${store.namespace} was changed during each of ${MAX_TRIES} attempts to mark it`,
  );
}

/**
 * Checks that the undo of a provision does not delete a store that was ready. The record says so too, unless the database
 * was restored to a time before.
 *
 * @throws StoreError NAMESPACE_HAS_DATA
 */
export function assertNotReadyBefore(namespace: V1Namespace, { store, run }: Owned<ActivityInput>): void {
  const mark = readyMarkIn(namespace);
  // The mark of this very run comes before the end of its provision, which a cancel can still undo.
  if (run.kind !== 'provision' || mark === undefined || mark.runId === run.runId) return;
  throw new StoreError(
    'NAMESPACE_HAS_DATA',
    `the namespace ${store.namespace} was not deleted, because its store has been ready since ${mark.since} and holds data`,
  );
}
