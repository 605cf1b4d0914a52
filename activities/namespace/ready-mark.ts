import type { KubernetesObject, V1Namespace } from '@kubernetes/client-node';
import { z } from 'zod';
import { StoreError } from '../../domain/failure.ts';
import { ANNOTATIONS } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, resourceVersionOf } from '../adapters/object-identity.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';
import { listClaims } from './find-volumes.ts';
import { findOwnNamespace } from './lookup.ts';
import type { Owned } from './ownership.ts';
import { factsAnnotation, parsed } from './store-facts.ts';

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
}

const Mark = z.object({ since: z.iso.datetime(), runId: z.string(), claims: z.array(z.string()) });

/** Writes of others to the namespace can conflict with the mark. More conflicts than this are not plausible. */
const MAX_TRIES = 5;

/** Returns the mark of a namespace, undefined when it has none. */
export function readyMarkIn({ metadata }: KubernetesObject): ReadyMark | undefined {
  const { success, data } = Mark.safeParse(parsed(metadata?.annotations?.[ANNOTATIONS.ready]));
  return success ? data : undefined;
}

export function createReadyMarkActivities({ kube, now }: { readonly kube: Kube; readonly now: () => number }) {
  /**
   * Marks the namespace of a store that is ready, and writes the facts about the store to it again, because a decision of
   * an operator can have changed them. Safe to repeat: the first mark stays, and only new claims are added.
   *
   * @throws StoreError CLUSTER_UNAVAILABLE
   */
  async function markReady({ store, run }: Owned<ActivityInput>): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const namespace = await findOwnNamespace(kube, store);
      if (namespace === undefined) return;
      const known = readyMarkIn(namespace);
      const claims = (await listClaims(kube, store.namespace)).map((claim) => nameOf(claim, 'PersistentVolumeClaim'));
      const mark: ReadyMark = {
        since: known?.since ?? new Date(now()).toISOString(),
        runId: known?.runId ?? run.runId,
        claims: [...new Set([...(known?.claims ?? []), ...claims])].toSorted(),
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

  return { markReady };
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
