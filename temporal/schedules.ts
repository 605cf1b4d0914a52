import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { INSPECT_SCHEDULE_ID, RECONCILE_SCHEDULE_ID, TASK_QUEUES, VERIFY_SCHEDULE_ID } from '../domain/names.ts';
import type * as workflows from '../workflows/index.ts';

const RECONCILE_EVERY_MS = 30_000; // with the reconciler's own age limit: a lost start is made good within a minute
const VERIFY_EVERY_MS = 3_600_000; // a check leaves a cart behind in some engines: often enough, and few of those

type ReconcilerName = keyof Pick<typeof workflows, 'reconcileStores' | 'reconcileCluster' | 'verifyStores'>;

/** Creates the reconciler's schedules, or brings existing ones to these settings. Safe from many processes at once. */
export async function ensureReconcileSchedules(
  client: Client,
  settings: { readonly inspectEverySeconds: number },
): Promise<void> {
  await ensureSchedule(client, {
    scheduleId: RECONCILE_SCHEDULE_ID,
    workflowType: 'reconcileStores',
    everyMs: RECONCILE_EVERY_MS,
    runTimeout: '10m', // it only starts other runs; nothing is lost when it is cut off
  });
  await ensureSchedule(client, {
    scheduleId: INSPECT_SCHEDULE_ID,
    workflowType: 'reconcileCluster',
    everyMs: settings.inspectEverySeconds * 1_000,
    runTimeout: '2h', // of one run of a pass, which goes on in the next; 50 pages take minutes on a healthy cluster
  });
  await ensureSchedule(client, {
    scheduleId: VERIFY_SCHEDULE_ID,
    workflowType: 'verifyStores',
    everyMs: VERIFY_EVERY_MS,
    runTimeout: '2h', // as above: 500 stores at most
  });
}

async function ensureSchedule(
  client: Client,
  {
    scheduleId,
    workflowType,
    everyMs,
    runTimeout,
  }: {
    readonly scheduleId: string;
    readonly workflowType: ReconcilerName;
    readonly everyMs: number;
    readonly runTimeout: '10m' | '2h';
  },
): Promise<void> {
  const spec = { intervals: [{ every: everyMs }] };
  const policies = {
    overlap: ScheduleOverlapPolicy.SKIP, // two passes at once would only do the same work twice
    catchupWindow: '1m', // the newest pass sees all that a missed one would have seen
    pauseOnFailure: false,
  } as const;
  const action = {
    type: 'startWorkflow',
    workflowType,
    taskQueue: TASK_QUEUES.control,
    workflowRunTimeout: runTimeout,
    args: [],
  } as const;
  try {
    await client.schedule.create({ scheduleId, spec, policies, action: { ...action, args: [] } });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = client.schedule.getHandle(scheduleId);
    // Whether it is paused stays the operator's choice.
    await handle.update(({ state }) => ({ spec, policies, action: { ...action, args: [] }, state }));
  }
}
