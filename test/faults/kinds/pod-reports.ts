import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultContext } from '../fault-kind.ts';

const POLL_MS = 200;
/** Pause of a kubelet between the first and the second pull. */
const SECOND_PULL_MS = 10_000;

/** Writes what a kubelet reports about pods that are not on a node. */
export interface PodReport {
  /** The state of the only container. */
  readonly status: V1Pod['status'];
  /** The error of each failed pull. None: the image was pulled. */
  readonly failedPulls?: readonly string[];
}

/** Returns the pod status that a kubelet reports for a container that can't start. */
export function waiting(reason: string, restartCount = 0): V1Pod['status'] {
  const state = { waiting: { reason, message: `${reason}, injected by a fault run` } };
  const container: V1ContainerStatus = { name: 'main', image: 'x', imageID: '', ready: false, restartCount, state };
  return { containerStatuses: [container] };
}

/** Reports about the pods that no node has taken, in place of a kubelet, until `until` resolves. */
export async function reportPods(
  { environment }: FaultContext,
  { status, failedPulls = [] }: PodReport,
  until: Promise<unknown>,
): Promise<void> {
  const { core } = environment.kube;
  const done = until.then(() => true);
  const seenAtMs = new Map<string, number>();
  const pulls = new Map<string, number>();

  /** Writes the events of the pulls that the kubelet has made by now. */
  async function reportPulls({ metadata }: V1Pod): Promise<void> {
    const { name = '', namespace = '', uid = '' } = metadata ?? {};
    const sinceMs = seenAtMs.get(uid) ?? Date.now();
    seenAtMs.set(uid, sinceMs);
    const made = pulls.get(uid) ?? 0;
    const error = failedPulls[made];
    if (error === undefined || Date.now() - sinceMs < made * SECOND_PULL_MS) return;
    pulls.set(uid, made + 1);
    const at = new Date();
    const body = {
      metadata: { name: `${name}.pull-${made}` },
      involvedObject: { kind: 'Pod', namespace, name, uid, fieldPath: 'spec.containers{main}' },
      reason: 'Failed',
      message: `Failed to pull image "x": ${error}`,
      type: 'Warning',
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
    };
    await core.createNamespacedEvent({ namespace, body });
  }

  async function reportStatus(pod: V1Pod): Promise<void> {
    const { name = '', namespace = '' } = pod.metadata ?? {};
    if (pod.status?.containerStatuses !== undefined) return;
    const body = Object.assign(pod, { status: Object.assign(pod.status ?? {}, status) });
    await core.replaceNamespacedPodStatus({ name, namespace, body });
  }

  while (!(await Promise.race([done, delay(POLL_MS, false)]))) {
    const { items } = await core.listPodForAllNamespaces();
    for (const pod of items.filter(({ spec }) => spec?.nodeName === undefined)) {
      // The pod may have been changed or deleted; the next poll handles it.
      await reportPulls(pod).catch(() => undefined);
      await reportStatus(pod).catch(() => undefined);
    }
  }
}
