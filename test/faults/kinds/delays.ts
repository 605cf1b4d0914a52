import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { setTimeout as delay } from 'node:timers/promises';
import { violation, type Violation } from '../checks/violation.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import { reportPods, waiting } from './pod-reports.ts';

/** Deadline for a store to show why it waits. */
export const CAUSE_DEADLINE_SECONDS = 20;
const NODE_DELAY_MS = 40_000;
const HICCUP_MS = 15_000;
const UNAVAILABLE = 'unexpected status from HEAD request to https://registry.invalid/v2/x: 503 Service Unavailable';

/** Excludes the simulated nodes from scheduling, or includes them again. */
async function setSchedulable({ environment }: FaultContext, isSchedulable: boolean): Promise<void> {
  const { core } = environment.kube;
  for (const { metadata } of (await core.listNode()).items) {
    await core.patchNode(
      { name: metadata?.name ?? '', body: { spec: { unschedulable: !isSchedulable } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  }
}

/**
 * Returns, per store, the seconds from the start of the step await-ready to the condition ReadinessDelayed with one of the
 * reasons. Infinity: the step ran for longer than the deadline without it.
 */
export async function secondsToWarning(
  { environment, runName }: FaultContext,
  reasons: readonly string[],
): Promise<readonly number[]> {
  const { rows } = await environment.db.query<{ warned: number | null; waited: number }>(
    `select extract(epoch from min(warned.created_at) - min(begun.created_at))::float as warned,
            extract(epoch from coalesce(min(done.created_at), now()) - min(begun.created_at))::float as waited
       from stores
       join store_events begun on begun.store_id = stores.id and begun.type = 'step.started' and begun.step = 'await-ready'
       left join store_events warned on warned.store_id = stores.id and warned.type = 'condition.changed'
         and warned.data->>'condition' = 'ReadinessDelayed' and warned.data->>'status' = 'True'
         and warned.data->>'reason' = any($2)
       left join store_events done on done.store_id = stores.id and done.seq > begun.seq
         and (done.type in ('store.ready', 'store.cancelled', 'store.failed', 'cancel.requested', 'delete.requested')
           or (done.type in ('step.completed', 'step.failed') and done.step = 'await-ready'))
      where stores.name like $1
      group by stores.id`,
    [`% ${runName}-%`, [...reasons]],
  );
  return rows.flatMap(({ warned, waited }) => {
    if (warned !== null) return [warned];
    return waited > CAUSE_DEADLINE_SECONDS ? [Infinity] : [];
  });
}

/** Returns a violation for each store that showed its delay too late, and one if no store was delayed. */
export function checkWarnings(seconds: readonly number[]): readonly Violation[] {
  if (seconds.length === 0) return [violation('I9', 'no store showed a delay')];
  return seconds
    .filter((each) => each > CAUSE_DEADLINE_SECONDS)
    .map((each) =>
      violation(
        'I9',
        Number.isFinite(each)
          ? `a store showed the cause of its delay after ${each.toFixed(1)} s`
          : `a store waited for more than ${CAUSE_DEADLINE_SECONDS} s and showed no cause`,
      ),
    );
}

const autoscalerDelay: FaultKind = {
  kind: 'autoscaler-delay',
  title: 'The node for the pods of the stores comes after 40 s, as with an autoscaler',
  traffic: { clients: 6, storesEach: 1, scenarios: ['kept'] },
  setUp: (context) => setSchedulable(context, false),
  inject: async (context) => {
    await delay(NODE_DELAY_MS);
    await setSchedulable(context, true);
    context.markHealed();
    await context.trafficDone;
    return checkWarnings(await secondsToWarning(context, ['Unschedulable']));
  },
  tearDown: (context) => setSchedulable(context, true),
};

const registryHiccup: FaultKind = {
  kind: 'registry-hiccup',
  title: 'The registry responds with 503 to the first pull of each image',
  traffic: { clients: 6, storesEach: 1, scenarios: ['kept'] },
  // The pods get a node, and with it a kubelet that pulls again, when the registry responds.
  setUp: (context) => setSchedulable(context, false),
  inject: async (context) => {
    await reportPods(context, { status: waiting('ImagePullBackOff'), failedPulls: [UNAVAILABLE] }, delay(HICCUP_MS));
    await setSchedulable(context, true);
    context.markHealed();
    await context.trafficDone;
    return checkWarnings(await secondsToWarning(context, ['ImagePullFailed']));
  },
  tearDown: (context) => setSchedulable(context, true),
};

export const DELAY_KINDS: readonly FaultKind[] = [autoscalerDelay, registryHiccup];
