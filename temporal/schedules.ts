import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { clusterScheduleIdsOf, scheduleIdsOf, taskQueuesOf } from '../domain/names.ts';
import type * as workflows from '../workflows/index.ts';

const RECONCILE_EVERY_MS = 30_000; // with the age limit of the reconciler, a lost start is repaired within a minute
const RECONCILE_WAITING_EVERY_MS = 3_600_000; // operations wait up to a month, and each lookup is a request to Temporal
const VERIFY_EVERY_MS = 3_600_000; // a verification leaves a cart behind in some engines: more often would create too many carts

const DISPATCH_EVERY_MS = 30_000; // the dispatcher runs all the time: this is the delay until it runs again after an end

type ScheduledWorkflow = keyof Pick<
  typeof workflows,
  'reconcileStores' | 'reconcileCluster' | 'verifyStores' | 'dispatchWebhooks'
>;

/**
 * Creates the schedules of the reconciler for an installation and for one of its clusters, or updates existing ones to these
 * settings. Several processes can call it at the same time.
 */
export async function ensureReconcileSchedules(
  client: Client,
  {
    installation,
    cluster,
    inspectEverySeconds,
  }: { readonly installation: string; readonly cluster: string; readonly inspectEverySeconds: number },
): Promise<void> {
  const ids = scheduleIdsOf(installation);
  const ofCluster = clusterScheduleIdsOf(installation, cluster);
  const taskQueue = taskQueuesOf(installation).control;
  await ensureSchedule(client, {
    scheduleId: ids.reconcileStores,
    taskQueue,
    workflowType: 'reconcileStores',
    everyMs: RECONCILE_EVERY_MS,
    runTimeout: '10m', // for one run of a pass, which continues as new; it only starts other runs, so a timeout loses nothing
  });
  await ensureSchedule(client, {
    scheduleId: ids.reconcileWaiting,
    taskQueue,
    workflowType: 'reconcileStores',
    everyMs: RECONCILE_WAITING_EVERY_MS,
    runTimeout: '10m', // the same limit
    args: [{ scope: 'waiting' }],
  });
  await ensureSchedule(client, {
    scheduleId: ofCluster.reconcileCluster,
    taskQueue,
    workflowType: 'reconcileCluster',
    everyMs: inspectEverySeconds * 1_000,
    runTimeout: '2h', // for one run of a pass, which continues as new; 50 pages at the lowest rate take 1.4 h
    args: [{ cluster }],
  });
  await ensureSchedule(client, {
    scheduleId: ofCluster.verifyStores,
    taskQueue,
    workflowType: 'verifyStores',
    everyMs: VERIFY_EVERY_MS,
    runTimeout: '2h', // the same limit; a pass ends within the hour for any number of stores
    args: [{ cluster }],
  });
}

/** Creates or updates the schedule that keeps the dispatcher of webhooks running. */
export async function ensureWebhookSchedule(client: Client, installation: string): Promise<void> {
  await ensureSchedule(client, {
    scheduleId: scheduleIdsOf(installation).dispatchWebhooks,
    taskQueue: taskQueuesOf(installation).control,
    workflowType: 'dispatchWebhooks',
    everyMs: DISPATCH_EVERY_MS,
    runTimeout: '2h', // for one run, which continues as new after one hour
  });
}

/** Creates a schedule, or updates it when it exists. */
async function ensureSchedule(
  client: Client,
  {
    scheduleId,
    taskQueue,
    workflowType,
    everyMs,
    runTimeout,
    args = [],
  }: {
    readonly scheduleId: string;
    readonly taskQueue: string;
    readonly workflowType: ScheduledWorkflow;
    readonly everyMs: number;
    readonly runTimeout: '10m' | '2h';
    readonly args?: Parameters<(typeof workflows)[ScheduledWorkflow]> | [];
  },
): Promise<void> {
  const spec = { intervals: [{ every: everyMs }] };
  const policies = {
    overlap: ScheduleOverlapPolicy.SKIP, // two concurrent passes would do the same work twice
    catchupWindow: '1m', // the newest pass covers everything that a missed pass would have covered
    pauseOnFailure: false,
  } as const;
  const action = {
    type: 'startWorkflow',
    workflowType,
    taskQueue,
    workflowRunTimeout: runTimeout,
    args,
  } as const;
  try {
    await client.schedule.create({ scheduleId, spec, policies, action: { ...action, args: [...args] } });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = client.schedule.getHandle(scheduleId);
    // The update keeps `state`: an operator may have paused the schedule.
    await handle.update(({ state }) => ({ spec, policies, action: { ...action, args: [...args] }, state }));
  }
}
