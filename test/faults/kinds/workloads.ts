import type { V1Pod } from '@kubernetes/client-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { FailureCode } from '../../../domain/failure.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { Breakage } from '../traffic.ts';

const POLL_MS = 200;

/** What a kubelet would report of a container that does not come up. */
function waiting(reason: string, restartCount: number): V1Pod['status'] {
  const state = { waiting: { reason, message: `${reason} of some image` } };
  return {
    containerStatuses: [{ name: 'main', image: 'x', imageID: '', ready: false, restartCount, state }],
  };
}

/** Plays the kubelet for pods that no node takes, for as long as there is traffic. */
async function reportPods({ lab, trafficDone }: FaultContext, status: V1Pod['status']): Promise<void> {
  const done = trafficDone.then(() => true);
  while (!(await Promise.race([done, delay(POLL_MS, false)]))) {
    const { items } = await lab.kube.core.listPodForAllNamespaces();
    for (const pod of items) {
      const { name = '', namespace = '' } = pod.metadata ?? {};
      if (pod.spec?.nodeName !== undefined || pod.status?.containerStatuses !== undefined) continue;
      const body = Object.assign(pod, { status: Object.assign(pod.status ?? {}, status) });
      // It may be gone or changed by now; the next look sees it.
      await lab.kube.core.replaceNamespacedPodStatus({ name, namespace, body }).catch(() => undefined);
    }
  }
}

function brokenStores(options: {
  readonly kind: string;
  readonly title: string;
  readonly broken: Breakage;
  readonly code: FailureCode;
  readonly status?: V1Pod['status'];
}): FaultKind {
  const { kind, title, broken, code, status } = options;
  return {
    kind,
    title,
    traffic: { broken, lives: ['kept', 'deleted', 'deletedEarly', 'cancelled'] },
    expects: { kind: 'failed', codes: [code] },
    inject: (context) => (status === undefined ? context.trafficDone : reportPods(context, status)),
  };
}

export const WORKLOAD_KINDS: readonly FaultKind[] = [
  brokenStores({
    kind: 'image-not-pulled',
    title: 'An image that does not exist',
    broken: 'badImage',
    code: 'IMAGE_PULL_FAILED',
    status: waiting('ImagePullBackOff', 0),
  }),
  brokenStores({
    kind: 'crash-loop',
    title: 'A container that keeps crashing',
    broken: 'crashes',
    code: 'CRASH_LOOP',
    status: waiting('CrashLoopBackOff', 3),
  }),
  brokenStores({
    kind: 'quota-too-small',
    title: "A pod that is larger than its namespace's quota",
    broken: 'tooBig',
    code: 'NAMESPACE_QUOTA_EXCEEDED',
  }),
  brokenStores({
    kind: 'volume-pending',
    title: 'A volume that nobody provides',
    broken: 'noVolume',
    code: 'VOLUME_PENDING',
  }),
  brokenStores({ kind: 'no-node', title: 'A pod that no node takes', broken: 'noNode', code: 'UNSCHEDULABLE' }),
];
