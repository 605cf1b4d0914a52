import { Worker, type NativeConnection } from '@temporalio/worker';
import type { Activities } from '../activities/index.ts';
import { TASK_QUEUES } from '../domain/names.ts';
import { logContext } from './log-context.ts';

export interface WorkerSettings {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly workflowBundle: { readonly codePath: string } | { readonly code: string };
  readonly activities: Activities;
  /** Cluster activities that run at once. */
  readonly helmSlots: number;
  /** How long running activities may go on after a shutdown was asked for. */
  readonly shutdownGraceMs: number;
}

/** Record writes and reconciliation: short, so many may run at once. */
const CONTROL_SLOTS = 50;

/** Every second: a cancel reaches a running activity with the answer to its heartbeat. */
const HEARTBEAT_INTERVAL = '1s';

/** The two workers of a process: one decides and keeps records, the other touches the cluster. */
export async function createWorkers(settings: WorkerSettings): Promise<readonly Worker[]> {
  const {
    beginOperation,
    recordProgress,
    holdOperation,
    endHold,
    undoDelete,
    endOperation,
    startUnstarted,
    ...clusterActivities
  } = settings.activities;
  const common = {
    connection: settings.connection,
    namespace: settings.namespace,
    interceptors: { activity: [logContext] },
    maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL,
    shutdownGraceTime: settings.shutdownGraceMs,
    // Past the grace, activities are told to stop and hand over; then the process must end.
    shutdownForceTime: settings.shutdownGraceMs + 10_000,
  };
  const control = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.control,
    workflowBundle: settings.workflowBundle,
    activities: { beginOperation, recordProgress, holdOperation, endHold, undoDelete, endOperation, startUnstarted },
    maxConcurrentActivityTaskExecutions: CONTROL_SLOTS,
    stickyQueueScheduleToStartTimeout: '5s', // what a run waits for its dead worker before any other may take it up
    maxCachedWorkflows: 300, // bounds memory: the default grows with the heap and has exhausted it
  });
  const helm = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.helm,
    activities: clusterActivities,
    maxConcurrentActivityTaskExecutions: settings.helmSlots,
  });
  return [control, helm];
}
