import type { V1Pod } from '@kubernetes/client-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { FailureCode } from '../../../domain/failure.ts';
import { violation } from '../checks/violation.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { Breakage } from '../traffic/traffic.ts';

const POLL_MS = 200;
/** Deadline for the store to report the cause. */
const CAUSE_DEADLINE_SECONDS = 20;

/** Returns the pod status that a kubelet reports for a container that can't start. */
function waiting(reason: string, restartCount: number): V1Pod['status'] {
  const state = { waiting: { reason, message: `${reason}, injected by a fault run` } };
  return {
    containerStatuses: [{ name: 'main', image: 'x', imageID: '', ready: false, restartCount, state }],
  };
}

/** Writes the status of the pods that no node can schedule, in place of a kubelet, until the traffic is done. */
async function reportPods({ environment, trafficDone }: FaultContext, status: V1Pod['status']): Promise<void> {
  const done = trafficDone.then(() => true);
  while (!(await Promise.race([done, delay(POLL_MS, false)]))) {
    const { items } = await environment.kube.core.listPodForAllNamespaces();
    for (const pod of items) {
      const { name = '', namespace = '' } = pod.metadata ?? {};
      if (pod.spec?.nodeName !== undefined || pod.status?.containerStatuses !== undefined) continue;
      const body = Object.assign(pod, { status: Object.assign(pod.status ?? {}, status) });
      // The pod may have been changed or deleted; the next poll handles it.
      await environment.kube.core.replaceNamespacedPodStatus({ name, namespace, body }).catch(() => undefined);
    }
  }
}

/**
 * Returns, per store, the seconds from the start of the step await-ready to the event with the cause of the failure. The pod
 * fails somewhat after that start, so the time is an upper bound. Stores that were cancelled or deleted earlier are not included.
 */
async function secondsToCause({ environment, runName }: FaultContext): Promise<readonly number[]> {
  const { rows } = await environment.db.query<{ seconds: number }>(
    `select extract(epoch from min(failed.created_at) - min(begun.created_at))::float as seconds
       from stores
       join store_events begun on begun.store_id = stores.id and begun.type = 'step.started' and begun.step = 'await-ready'
       join store_events failed on failed.store_id = stores.id and failed.type = 'step.failed' and failed.step = 'await-ready'
      where stores.name like $1
      group by stores.id`,
    [`% ${runName}-%`],
  );
  return rows.map(({ seconds }) => seconds);
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
    traffic: { broken, scenarios: ['kept', 'deleted', 'deletedEarly', 'cancelled'] },
    expects: { kind: 'failed', codes: [code] },
    inject: async (context) => {
      await (status === undefined ? context.trafficDone : reportPods(context, status));
      const seconds = await secondsToCause(context);
      context.reportSeconds(seconds);
      return seconds
        .filter((each) => each > CAUSE_DEADLINE_SECONDS)
        .map((each) => violation('I9', `a store reported the cause of its failure after ${each.toFixed(1)} s`));
    },
  };
}

export const WORKLOAD_KINDS: readonly FaultKind[] = [
  brokenStores({
    kind: 'image-not-pulled',
    title: 'The image of a store does not exist',
    broken: 'badImage',
    code: 'IMAGE_PULL_FAILED',
    status: waiting('ImagePullBackOff', 0),
  }),
  brokenStores({
    kind: 'crash-loop',
    title: 'A container of a store crashes again and again',
    broken: 'crashes',
    code: 'CRASH_LOOP',
    status: waiting('CrashLoopBackOff', 3),
  }),
  brokenStores({
    kind: 'quota-too-small',
    title: 'A pod requests more than the quota of its namespace',
    broken: 'tooBig',
    code: 'NAMESPACE_QUOTA_EXCEEDED',
  }),
  brokenStores({
    kind: 'volume-pending',
    title: 'The storage class of a volume does not exist',
    broken: 'noVolume',
    code: 'VOLUME_PENDING',
  }),
  brokenStores({ kind: 'no-node', title: 'No node can schedule a pod', broken: 'noNode', code: 'UNSCHEDULABLE' }),
];
