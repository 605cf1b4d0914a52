import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { RECONCILE_SCHEDULE_ID, TASK_QUEUES } from '../domain/names.ts';
import type * as workflows from '../workflows/index.ts';

const INTERVAL = '30s'; // with the reconciler's own age limit: a lost start is made good within a minute

/** Creates the reconciler's schedule, or brings an existing one to these settings. Safe from many processes at once. */
export async function ensureReconcileSchedule(client: Client): Promise<void> {
  const workflowType: keyof Pick<typeof workflows, 'reconcileStores'> = 'reconcileStores';
  const spec = { intervals: [{ every: INTERVAL } as const] };
  const policies = {
    overlap: ScheduleOverlapPolicy.SKIP, // two reconcilers would only do the same work twice
    catchupWindow: '1m', // the newest pass sees all that a missed one would have seen
    pauseOnFailure: false,
  } as const;
  const action = {
    type: 'startWorkflow',
    workflowType,
    taskQueue: TASK_QUEUES.control,
    workflowRunTimeout: '10m', // it only starts other runs; nothing is lost when it is cut off
    args: [],
  } as const;
  try {
    await client.schedule.create({
      scheduleId: RECONCILE_SCHEDULE_ID,
      spec,
      policies,
      action: { ...action, args: [] },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = client.schedule.getHandle(RECONCILE_SCHEDULE_ID);
    // Whether it is paused stays the operator's choice.
    await handle.update(({ state }) => ({ spec, policies, action: { ...action, args: [] }, state }));
  }
}
