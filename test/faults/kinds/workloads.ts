import type { FailureCode } from '../../../domain/failure.ts';
import { violation } from '../checks/violation.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { Breakage } from '../traffic/traffic.ts';
import { CAUSE_DEADLINE_SECONDS, checkWarnings, secondsToWarning } from './delays.ts';
import { reportPods, waiting, type PodReport } from './pod-reports.ts';

/** Shorter than the deadline of the environment: a delay becomes a failure only then. */
const READY_DEADLINE_SECONDS = 30;

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
  readonly report?: PodReport;
}): FaultKind {
  const { kind, title, broken, code, report } = options;
  return {
    kind,
    title,
    traffic: { broken, scenarios: ['kept', 'deleted', 'deletedEarly', 'cancelled'] },
    expects: { kind: 'failed', codes: [code] },
    inject: async (context) => {
      await (report === undefined ? context.trafficDone : reportPods(context, report, context.trafficDone));
      const seconds = await secondsToCause(context);
      context.reportSeconds(seconds);
      return seconds
        .filter((each) => each > CAUSE_DEADLINE_SECONDS)
        .map((each) => violation('I9', `a store reported the cause of its failure after ${each.toFixed(1)} s`));
    },
  };
}

/**
 * Stores whose problem could pass. They show it as a condition within the same time as a failure, and fail with its code at
 * the deadline.
 */
function delayedStores(options: {
  readonly kind: string;
  readonly title: string;
  readonly broken: Breakage;
  readonly code: FailureCode;
  /** Reason of the condition. */
  readonly reason: string;
}): FaultKind {
  const { kind, title, broken, code, reason } = options;
  return {
    kind,
    title,
    traffic: { broken, storesEach: 2, scenarios: ['kept', 'deleted', 'deletedEarly', 'cancelled'] },
    expects: { kind: 'failed', codes: [code] },
    setUp: async ({ environment }) => {
      const env = { READY_DEADLINE_SECONDS: String(READY_DEADLINE_SECONDS) };
      await Promise.all(
        environment.workers.map(async (worker) => {
          await worker.kill('SIGTERM');
          await worker.start({ env });
        }),
      );
    },
    inject: async (context) => {
      await context.trafficDone;
      const seconds = await secondsToWarning(context, [reason]);
      context.reportSeconds(seconds);
      return checkWarnings(seconds);
    },
  };
}

export const WORKLOAD_KINDS: readonly FaultKind[] = [
  brokenStores({
    kind: 'image-not-pulled',
    title: 'The image of a store does not exist',
    broken: 'badImage',
    code: 'IMAGE_PULL_FAILED',
    report: { status: waiting('ImagePullBackOff'), failedPulls: ['x: not found', 'x: not found'] },
  }),
  brokenStores({
    kind: 'crash-loop',
    title: 'A container of a store crashes again and again',
    broken: 'crashes',
    code: 'CRASH_LOOP',
    report: { status: waiting('CrashLoopBackOff', 3) },
  }),
  brokenStores({
    kind: 'quota-too-small',
    title: 'A pod requests more than the quota of its namespace',
    broken: 'tooBig',
    code: 'NAMESPACE_QUOTA_EXCEEDED',
  }),
  delayedStores({
    kind: 'volume-pending',
    title: 'The storage class of a volume does not exist',
    broken: 'noVolume',
    code: 'VOLUME_PENDING',
    reason: 'VolumePending',
  }),
  delayedStores({
    kind: 'no-node',
    title: 'No node can schedule a pod',
    broken: 'noNode',
    code: 'UNSCHEDULABLE',
    reason: 'Unschedulable',
  }),
];
