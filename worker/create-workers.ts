import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { ActivitiesByQueue } from '../activities/index.ts';
import type { Permits } from '../db/connection/permits.ts';
import { TASK_QUEUES } from '../domain/names.ts';
import { logContext } from './interceptors/log-context.ts';
import { sharedSlots } from './shared-slots.ts';

export interface WorkerSettings {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly workflowBundle: { readonly codePath: string } | { readonly code: string };
  readonly activities: ActivitiesByQueue;
  /** Activities that run Helm or write to the cluster, at once. */
  readonly clusterSlots: number;
  /** Bounds those activities over all workers; undefined: each worker has its own bound only. */
  readonly clusterPermits?: Permits | undefined;
  /** How long running activities may go on after a shutdown was asked for. */
  readonly shutdownGraceMs: number;
  /**
   * Pins runs to the version that began them: Temporal's worker versioning. Such a version gets no work before it is made
   * current (`temporal worker deployment set-current-version`). Undefined: any worker takes any run.
   */
  readonly deployment?: { readonly name: string; readonly buildId: string } | undefined;
}

/** Record writes and reconciliation: short, so many may run at once. */
const CONTROL_SLOTS = 50;
/** A wait costs a few open watches and no process; more of them than this would weigh on the API server. */
const WATCH_SLOTS = 100;

/** As often as activities beat: a cancel reaches a running activity with the answer to its heartbeat. */
const HEARTBEAT_INTERVAL = '2s' as const;

/** The workers of a process: one decides and keeps records, one writes to the cluster, one watches it. */
export async function createWorkers(settings: WorkerSettings): Promise<readonly Worker[]> {
  const { activities, deployment } = settings;
  const common = {
    connection: settings.connection,
    namespace: settings.namespace,
    interceptors: { activity: [logContext] },
    maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL,
    shutdownGraceTime: settings.shutdownGraceMs,
    // Past the grace, activities are told to stop and hand over; then the process must end.
    shutdownForceTime: settings.shutdownGraceMs + 10_000,
    ...(deployment === undefined ? {} : { workerDeploymentOptions: pinned(deployment) }),
  };
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.control,
      workflowBundle: settings.workflowBundle,
      activities: activities.control,
      maxConcurrentActivityTaskExecutions: CONTROL_SLOTS,
      stickyQueueScheduleToStartTimeout: '5s', // what a run waits for its dead worker before any other may take it up
      maxCachedWorkflows: 300, // bounds memory: the default grows with the heap and has exhausted it
    }),
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.helm,
      activities: activities.helm,
      ...boundsOf(settings),
    }),
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.watch,
      activities: activities.watch,
      maxConcurrentActivityTaskExecutions: WATCH_SLOTS,
    }),
  ]);
}

/** How many activities of its queue a worker runs at once: as many as it has slots, and fewer when permits are short. */
export function boundsOf({
  clusterSlots,
  clusterPermits,
}: Pick<WorkerSettings, 'clusterSlots' | 'clusterPermits'>): Pick<
  WorkerOptions,
  'tuner' | 'maxConcurrentActivityTaskExecutions'
> {
  if (clusterPermits === undefined) return { maxConcurrentActivityTaskExecutions: clusterSlots };
  const unused = { type: 'fixed-size', numSlots: 2 } as const; // the least the SDK takes: the queue has activities only
  return {
    tuner: {
      activityTaskSlotSupplier: sharedSlots(clusterSlots, clusterPermits),
      workflowTaskSlotSupplier: unused,
      localActivityTaskSlotSupplier: unused,
      nexusTaskSlotSupplier: unused,
    },
  };
}

/** Operations last minutes, so runs stay with the version that began them and old versions drain fast. */
function pinned({ name, buildId }: { readonly name: string; readonly buildId: string }) {
  return {
    version: { deploymentName: name, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  } as const;
}
