import type { V1Namespace } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import { ANNOTATIONS } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import { resourceVersionOf } from '../adapters/object-identity.ts';
import { attemptToken } from '../runtime/activity-context.ts';
import { findOwnNamespace } from './lookup.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';
import type { OwnedStore } from './ownership.ts';

/**
 * Two attempts can run at the same time: a worker that was paused past its heartbeat timeout does not know that another
 * attempt is running, or that a later run has created the store again. So each attempt writes a token to the namespace
 * before it changes anything. Tokens are ordered by the scheduled time of their attempts, by the clock of the
 * Temporal server. An attempt that finds a later token gives up, and Temporal retries its activity. So when the clock was
 * set back, an operation continues as soon as the clock has passed the token again.
 */
export interface Fence {
  /** @throws StoreError ATTEMPT_FENCED when another attempt has acquired the fence. */
  check(): Promise<void>;
}

/** Writes of others to the namespace can conflict with the token. More conflicts than this are not plausible. */
const MAX_TRIES = 5;

/**
 * Acquires the fence of the store's namespace for this attempt. Returns undefined when the store has no namespace.
 *
 * @throws StoreError ATTEMPT_FENCED when an attempt that was scheduled later has acquired it.
 */
export async function acquireFence(kube: Kube, store: OwnedStore): Promise<Fence | undefined> {
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

async function checkFence(kube: Kube, store: OwnedStore, token: string): Promise<void> {
  const namespace = await findOwnNamespace(kube, store);
  if (namespace === undefined || tokenOn(namespace) !== token) throw fenceLost(store);
}

/** Returns the annotation with this attempt's token, for a namespace that it creates. */
export function fenceAnnotations(): Readonly<Record<string, string>> {
  return { [ANNOTATIONS.fence]: attemptToken() };
}

/**
 * Acquires the fence of a namespace that was read before, unless an attempt of this very activity holds it already.
 *
 * @throws StoreError ATTEMPT_FENCED when an attempt that was scheduled later has acquired it.
 */
export async function acquireFenceOn(kube: Kube, store: OwnedStore, namespace: V1Namespace): Promise<void> {
  const token = attemptToken();
  assertFence(store, namespace, token);
  if (!isSameActivity(tokenOn(namespace), token)) await acquireFence(kube, store);
}

/**
 * @throws StoreError ATTEMPT_FENCED when an attempt that was scheduled later has acquired the fence of the namespace.
 */
export function assertFence(store: StoreTarget, namespace: V1Namespace, token = attemptToken()): void {
  if (isLater(tokenOn(namespace), token)) throw fenceLost(store);
}

function tokenOn({ metadata }: V1Namespace): string | undefined {
  return metadata?.annotations?.[ANNOTATIONS.fence];
}

function scheduledAtMs(token: string | undefined): number {
  return Number(token?.split('/')[0]);
}

/**
 * Returns whether `present` is a later attempt of the same activity as `ours`, or an attempt of another activity that was
 * scheduled later. No run can schedule an attempt after it has closed, so a later time means a later run or step.
 */
export function isLater(present: string | undefined, ours: string): boolean {
  // The number of an attempt does not depend on the clock.
  if (isSameActivity(present, ours)) return attemptOf(present) > attemptOf(ours);
  return scheduledAtMs(present) > scheduledAtMs(ours);
}

function isSameActivity(one: string | undefined, other: string | undefined): boolean {
  const [, run, activity] = (one ?? '').split('/');
  const [, otherRun, otherActivity] = (other ?? '').split('/');
  return activity !== undefined && run === otherRun && activity === otherActivity;
}

function attemptOf(token: string | undefined): number {
  return Number(token?.split('/')[3]);
}

/** Creates the error of an attempt that has lost the fence. */
export function fenceLost(store: StoreTarget): StoreError {
  return new StoreError('ATTEMPT_FENCED', `another attempt has acquired the fence of the namespace ${store.namespace}`);
}
