import { StoreError } from '../domain/failure.ts';
import { ANNOTATIONS } from '../domain/names.ts';
import type { StoreTarget } from '../domain/operations.ts';
import type { Kube } from './adapters/kube.ts';
import { attemptToken } from './attempt.ts';
import { findOwnNamespace } from './namespaces.ts';

/**
 * Two attempts of one activity can be alive at the same time: a worker that was paused past its heartbeat does not know
 * that another one has taken over. So each attempt that writes through Helm first leaves its token on the namespace, and
 * looks at it again just before it starts Helm. The one whose token is gone gives up.
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
 * @throws StoreError ATTEMPT_FENCED when a later attempt of the same activity has been here already.
 */
export async function raiseFence(kube: Kube, store: StoreTarget): Promise<Fence | undefined> {
  const token = attemptToken();
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const namespace = await findOwnNamespace(kube, store);
    if (namespace === undefined) return undefined;
    if (isLater(namespace.metadata?.annotations?.[ANNOTATIONS.fence], token)) throw fenced(store);
    const { resourceVersion = '' } = namespace.metadata ?? {};
    const marked = await kube.merge({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: store.namespace, resourceVersion, annotations: { [ANNOTATIONS.fence]: token } },
    });
    if (marked !== undefined) return { check: () => checkFence(kube, store, token) };
  }
  throw fenced(store);
}

async function checkFence(kube: Kube, store: StoreTarget, token: string): Promise<void> {
  const namespace = await findOwnNamespace(kube, store);
  if (namespace?.metadata?.annotations?.[ANNOTATIONS.fence] !== token) throw fenced(store);
}

/** Whether `present` was left by a later attempt of the activity that `ours` belongs to. */
export function isLater(present: string | undefined, ours: string): boolean {
  const [presentRun, presentActivity, presentAttempt] = (present ?? '').split('/');
  const [run, activity, attempt] = ours.split('/');
  return presentRun === run && presentActivity === activity && Number(presentAttempt) > Number(attempt);
}

function fenced(store: StoreTarget): StoreError {
  return new StoreError('ATTEMPT_FENCED', `another attempt has taken over the namespace ${store.namespace}`);
}
