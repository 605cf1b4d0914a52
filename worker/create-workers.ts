import { Worker, type ActivityInterceptorsFactory, type NativeConnection } from '@temporalio/worker';
import type { ActivitiesByQueue } from '../activities/index.ts';
import { clusterQueuesOf, taskQueuesOf } from '../domain/names.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';
import { logContext } from './interceptors/log-context.ts';
import { traceActivities } from './interceptors/trace-activities.ts';
import { traceSinks } from './traces.ts';

export interface WorkerSettings {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** Id of the installation. The workers poll only its task queues. */
  readonly installation: string;
  /** Name of the cluster that the activities use. Of the queues of clusters, the workers poll only those of this one. */
  readonly cluster: string;
  readonly workflowBundle: { readonly codePath: string } | { readonly code: string };
  readonly activities: ActivitiesByQueue;
  /** Interceptors of all activities. Default: only the one that adds the store to log lines. */
  readonly activityInterceptors?: readonly ActivityInterceptorsFactory[] | undefined;
  /** Records spans of runs and activities. Default: nothing does. */
  readonly tracing?: Tracing | undefined;
  /** Size of the connection pool that the activities use. It limits how many of them run at the same time. */
  readonly databaseConnections: number;
  /** Number of concurrent activities of this worker that run Helm or write to the cluster. */
  readonly clusterSlots: number;
  /** Number of concurrent activities of this worker that read the cluster or wait. */
  readonly watchSlots: number;
  /** Number of concurrent requests of this worker to receivers of webhooks. Default: 20. */
  readonly webhookSlots?: number | undefined;
  /**
   * Activities per second that Temporal dispatches from the task queue `helm` to all workers of the cluster together. The rate limit of
   * the task queue's configuration in Temporal, if an operator has set one, replaces it.
   */
  readonly clusterTasksPerSecond: number;
  /** Time in milliseconds that running activities have to complete after a shutdown request. */
  readonly shutdownGraceMs: number;
  /**
   * Enables Temporal's worker versioning. `workflows/versioning.ts` says which runs stay on the version that started them. A
   * version receives no tasks before it is the current one (`temporal worker deployment set-current-version`). Without it, any
   * worker runs any task.
   */
  readonly deployment?: { readonly name: string; readonly buildId: string } | undefined;
}

/** Connections for the health check and for the few activities of the other queues that read records. */
const RESERVED_CONNECTIONS = 2;

/**
 * Divides the connections of a pool among the activities that use records: local ones, and those of the queue `control`. Each
 * uses one connection at a time, so none waits for another one's. In a burst, tasks wait in Temporal, where no wait fails.
 *
 * @param databaseConnections At least 4.
 */
export function recordSlots(databaseConnections: number): { readonly local: number; readonly control: number } {
  const available = databaseConnections - RESERVED_CONNECTIONS;
  const control = Math.floor(available / 2);
  return { local: available - control, control };
}

/** Equals the heartbeat interval of the activities: the response to a heartbeat delivers a cancel to the activity. */
const HEARTBEAT_INTERVAL = '2s' as const;

const DEFAULT_WEBHOOK_SLOTS = 20;

/**
 * Creates the workers of a process: one for workflows and record writes, one for the writes to its cluster, one for the watches
 * of its cluster, and one for webhooks unless they are off.
 */
export async function createWorkers(settings: WorkerSettings): Promise<readonly Worker[]> {
  const { activities, deployment, tracing } = settings;
  const taskQueues = taskQueuesOf(settings.installation);
  const clusterQueues = clusterQueuesOf(settings.installation, settings.cluster);
  const slots = recordSlots(settings.databaseConnections);
  const common = {
    connection: settings.connection,
    namespace: settings.namespace,
    interceptors: {
      activity: [
        ...(tracing === undefined ? [] : [traceActivities(tracing)]),
        ...(settings.activityInterceptors ?? []),
        logContext,
      ],
    },
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
      sinks: traceSinks(tracing),
      activities: activities.control,
      maxConcurrentActivityTaskExecutions: slots.control,
      maxConcurrentLocalActivityExecutions: slots.local,
      stickyQueueScheduleToStartTimeout: '5s', // after this time another worker can take a workflow task of a dead worker
      maxCachedWorkflows: 300, // limits memory: the default grows with the heap, and it has exhausted the heap
    }),
    Worker.create({
      ...common,
      taskQueue: clusterQueues.helm,
      activities: activities.helm,
      maxConcurrentActivityTaskExecutions: settings.clusterSlots,
      maxTaskQueueActivitiesPerSecond: settings.clusterTasksPerSecond,
    }),
    Worker.create({
      ...common,
      taskQueue: clusterQueues.watch,
      activities: activities.watch,
      maxConcurrentActivityTaskExecutions: settings.watchSlots,
    }),
    ...(activities.webhook === undefined
      ? []
      : [
          Worker.create({
            ...common,
            taskQueue: taskQueues.webhook,
            activities: activities.webhook,
            // One more for the dispatcher.
            maxConcurrentActivityTaskExecutions: (settings.webhookSlots ?? DEFAULT_WEBHOOK_SLOTS) + 1,
          }),
        ]),
  ]);
}

/** Every workflow declares its own behaviour. The default is for one that does not: it must not change its version unseen. */
function versioned({ name, buildId }: { readonly name: string; readonly buildId: string }) {
  return {
    version: { deploymentName: name, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  } as const;
}
