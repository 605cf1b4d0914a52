import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { ActivitiesByQueue } from '../activities/index.ts';
import type { Permits } from '../db/connection/permits.ts';
import { taskQueuesOf } from '../domain/names.ts';
import { logContext } from './interceptors/log-context.ts';
import { sharedSlots } from './shared-slots.ts';

export interface WorkerSettings {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** Id of the installation. The workers poll only its task queues. */
  readonly installation: string;
  readonly workflowBundle: { readonly codePath: string } | { readonly code: string };
  readonly activities: ActivitiesByQueue;
  /** Number of concurrent activities of this worker that run Helm or write to the cluster. */
  readonly clusterSlots: number;
  /** Limits those activities over all workers. Without it, only the limit of each worker applies. */
  readonly clusterPermits?: Permits | undefined;
  /** Time in milliseconds that running activities have to complete after a shutdown request. */
  readonly shutdownGraceMs: number;
  /**
   * Enables Temporal's worker versioning. `workflows/versioning.ts` says which runs stay on the version that started them. A
   * version receives no tasks before it is the current one (`temporal worker deployment set-current-version`). Without it, any
   * worker runs any task.
   */
  readonly deployment?: { readonly name: string; readonly buildId: string } | undefined;
}

/** Record writes and reconciliation are short, so many of them can run concurrently. */
const CONTROL_SLOTS = 50;
/** A wait needs a few open watches and no process. More than 100 waits would overload the API server. */
const WATCH_SLOTS = 100;

/** Equals the heartbeat interval of the activities: the response to a heartbeat delivers a cancel to the activity. */
const HEARTBEAT_INTERVAL = '2s' as const;

/** Creates the workers of a process: one for workflows and record writes, one for cluster writes, one for cluster watches. */
export async function createWorkers(settings: WorkerSettings): Promise<readonly Worker[]> {
  const { activities, deployment } = settings;
  const taskQueues = taskQueuesOf(settings.installation);
  const common = {
    connection: settings.connection,
    namespace: settings.namespace,
    interceptors: { activity: [logContext] },
    maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL,
    shutdownGraceTime: settings.shutdownGraceMs,
    // After the grace time, the SDK cancels the activities, and another worker retries them. Then the process must end.
    shutdownForceTime: settings.shutdownGraceMs + 10_000,
    ...(deployment === undefined ? {} : { workerDeploymentOptions: versioned(deployment) }),
  };
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue: taskQueues.control,
      workflowBundle: settings.workflowBundle,
      activities: activities.control,
      maxConcurrentActivityTaskExecutions: CONTROL_SLOTS,
      stickyQueueScheduleToStartTimeout: '5s', // after this time another worker can take a workflow task of a dead worker
      maxCachedWorkflows: 300, // limits memory: the default grows with the heap, and it has exhausted the heap
    }),
    Worker.create({
      ...common,
      taskQueue: taskQueues.helm,
      activities: activities.helm,
      ...boundsOf(settings),
    }),
    Worker.create({
      ...common,
      taskQueue: taskQueues.watch,
      activities: activities.watch,
      maxConcurrentActivityTaskExecutions: WATCH_SLOTS,
    }),
  ]);
}

/** Returns the options that limit the concurrent activities of a worker to its slots and, if given, to the shared permits. */
export function boundsOf({
  clusterSlots,
  clusterPermits,
}: Pick<WorkerSettings, 'clusterSlots' | 'clusterPermits'>): Pick<
  WorkerOptions,
  'tuner' | 'maxConcurrentActivityTaskExecutions'
> {
  if (clusterPermits === undefined) return { maxConcurrentActivityTaskExecutions: clusterSlots };
  const unused = { type: 'fixed-size', numSlots: 2 } as const; // the minimum of the SDK; this queue has only activities
  return {
    tuner: {
      activityTaskSlotSupplier: sharedSlots(clusterSlots, clusterPermits),
      workflowTaskSlotSupplier: unused,
      localActivityTaskSlotSupplier: unused,
      nexusTaskSlotSupplier: unused,
    },
  };
}

/** Every workflow declares its own behaviour. The default is for one that does not: it must not change its version unseen. */
function versioned({ name, buildId }: { readonly name: string; readonly buildId: string }) {
  return {
    version: { deploymentName: name, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  } as const;
}
