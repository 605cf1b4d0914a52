import type { V1Namespace } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import { ANNOTATIONS } from '../../domain/names.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { Kube } from '../adapters/kube.ts';
import { resourceVersionOf } from '../adapters/object-identity.ts';
import { attemptToken } from '../runtime/activity-context.ts';
import { findOwnNamespace } from './lookup.ts';

/**
 * Two attempts can be alive at the same time: a worker that was paused past its heartbeat does not know that another one has
 * taken over, nor that the run has ended since and that another run has made the store anew. So whoever is about to write to
 * a namespace first leaves a token on it, in the order in which activities were asked for: within a store one is asked for
 * after the other, and the Temporal server's clock says when. What finds the token of something later gives up.
 */
export interface Fence {
  /** @throws StoreError ATTEMPT_FENCED when another attempt has taken over. */
  check(): Promise<void>;
}

/** The namespace also changes for other reasons while the token is written; that many times are believable. */
const MAX_TRIES = 5;

/**
 * Takes the namespace over for this attempt. Undefined when the store has no namespace.
 *
 * @throws StoreError ATTEMPT_FENCED when something that was asked for later has been here already.
 */
export async function acquireFence(kube: Kube, store: StoreTarget): Promise<Fence | undefined> {
  const token = attemptToken();
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const namespace = await findOwnNamespace(kube, store);
    if (namespace === undefined) return undefined;
    assertFence(store, namespace, token);
    const marked = await kube.merge({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: store.namespace,
        resourceVersion: resourceVersionOf(namespace, 'Namespace'),
        annotations: { [ANNOTATIONS.fence]: token },
      },
    });
    if (marked !== undefined) return { check: () => checkFence(kube, store, token) };
  }
  throw fenceLost(store);
}

async function checkFence(kube: Kube, store: StoreTarget, token: string): Promise<void> {
  const namespace = await findOwnNamespace(kube, store);
  if (namespace === undefined || tokenOn(namespace) !== token) throw fenceLost(store);
}

/** The token for a namespace that this attempt makes. */
export function fenceAnnotations(): Readonly<Record<string, string>> {
  return { [ANNOTATIONS.fence]: attemptToken() };
}

/**
 * Takes over a namespace that was left by something that was asked for earlier; what this attempt's own activity has left
 * is as good.
 *
 * @throws StoreError ATTEMPT_FENCED
 */
export async function acquireFenceOn(kube: Kube, store: StoreTarget, namespace: V1Namespace): Promise<void> {
  const token = attemptToken();
  assertFence(store, namespace, token);
  if (scheduledAtMs(tokenOn(namespace)) !== scheduledAtMs(token)) await acquireFence(kube, store);
}

/** @throws StoreError ATTEMPT_FENCED when the namespace belongs to something that was asked for later. */
export function assertFence(store: StoreTarget, namespace: V1Namespace, token = attemptToken()): void {
  if (isLater(tokenOn(namespace), token)) throw fenceLost(store);
}

function tokenOn({ metadata }: V1Namespace): string | undefined {
  return metadata?.annotations?.[ANNOTATIONS.fence];
}

function scheduledAtMs(token: string | undefined): number {
  return Number(token?.split('/')[0]);
}

/** Whether `present` was left by an activity that was asked for after that of `ours`, or by a later attempt of the same. */
export function isLater(present: string | undefined, ours: string): boolean {
  if (scheduledAtMs(present) > scheduledAtMs(ours)) return true;
  const [, presentRun, presentActivity, presentAttempt] = (present ?? '').split('/');
  const [, run, activity, attempt] = ours.split('/');
  return presentRun === run && presentActivity === activity && Number(presentAttempt) > Number(attempt);
}

/** What whoever is fenced off fails with. */
export function fenceLost(store: StoreTarget): StoreError {
  return new StoreError('ATTEMPT_FENCED', `another attempt has taken over the namespace ${store.namespace}`);
}
