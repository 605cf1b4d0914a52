import type { V1Pod } from '@kubernetes/client-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { FailureCode } from '../../../domain/failure.ts';
import { violation } from '../checks/violation.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { Breakage } from '../traffic/traffic.ts';

const POLL_MS = 200;
/** Within that of the fact the store has to say what is wrong. */
const NAMED_WITHIN_SECONDS = 20;

/** What a kubelet would report of a container that does not come up. */
function waiting(reason: string, restartCount: number): V1Pod['status'] {
  const state = { waiting: { reason, message: `${reason} of some image` } };
  return {
    containerStatuses: [{ name: 'main', image: 'x', imageID: '', ready: false, restartCount, state }],
  };
}

/** Plays the kubelet for pods that no node takes, for as long as there is traffic. */
async function reportPods({ environment, trafficDone }: FaultContext, status: V1Pod['status']): Promise<void> {
  const done = trafficDone.then(() => true);
  while (!(await Promise.race([done, delay(POLL_MS, false)]))) {
    const { items } = await environment.kube.core.listPodForAllNamespaces();
    for (const pod of items) {
      const { name = '', namespace = '' } = pod.metadata ?? {};
      if (pod.spec?.nodeName !== undefined || pod.status?.containerStatuses !== undefined) continue;
      const body = Object.assign(pod, { status: Object.assign(pod.status ?? {}, status) });
      // It may be gone or changed by now; the next look sees it.
      await environment.kube.core.replaceNamespacedPodStatus({ name, namespace, body }).catch(() => undefined);
    }
  }
}

/**
 * From the beginning of the wait until the failure with its cause is among the store's events. The fact itself comes
 * somewhat later than that beginning, so no time is left out. Stores that were cancelled or deleted before have none.
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
    traffic: { broken, lifecycles: ['kept', 'deleted', 'deletedEarly', 'cancelled'] },
    expects: { kind: 'failed', codes: [code] },
    inject: async (context) => {
      await (status === undefined ? context.trafficDone : reportPods(context, status));
      const seconds = await secondsToCause(context);
      context.measured(seconds);
      return seconds
        .filter((each) => each > NAMED_WITHIN_SECONDS)
        .map((each) => violation('I9', `a cause was named after ${each.toFixed(1)} s`));
    },
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
