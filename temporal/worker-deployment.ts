import { clusterQueuesOf, installationOfQueue, taskQueuesOf } from '../domain/names.ts';
import type { TemporalNamespace } from './check-temporal.ts';
import { isNotFound } from './grpc-errors.ts';

/** Deadline of one RPC in milliseconds, retries included. A change of the current version takes the server a second or two. */
const RPC_DEADLINE_MS = 15_000;
/** A worker polls each task queue at least once a minute. Temporal lists it for five minutes after its last poll. */
const LATEST_POLL_MS = 90_000;
/** Name with which Temporal records who changed the current version. */
const IDENTITY = 'store-platform promote';

/** Temporal's numbers for the enum `TaskQueueType`. The client does not export their names. */
const QUEUE_TYPES = { workflow: 1, activity: 2 } as const;

/** Versions of the workers of one installation. A build id of undefined stands for the workers that have no version. */
export interface WorkerDeployment {
  /** Returns the build id of the current version, or undefined if no version is current. */
  currentBuildId(): Promise<string | undefined>;
  /**
   * Returns the task queues of the installation that no worker of the version polls, each with its type.
   *
   * @throws Error when the installation is not known.
   */
  queuesWithoutWorker(buildId: string | undefined): Promise<readonly string[]>;
  /** Makes the version the current one. Temporal rejects it while the version lacks a task queue that is in use. */
  makeCurrent(buildId: string | undefined): Promise<void>;
}

/**
 * Opens the worker deployment of an installation. Every method throws the error of the gRPC client when Temporal does not answer
 * or rejects the request.
 */
export function openWorkerDeployment(
  { connection, namespace }: Pick<TemporalNamespace, 'namespace' | 'connection'>,
  {
    deploymentName,
    installation,
    clusters,
    hasWebhooks,
    now,
  }: {
    readonly deploymentName: string;
    /** Default: the installation whose task queues the version polls. */
    readonly installation: string | undefined;
    /** Names of the clusters whose task queues the workers poll. */
    readonly clusters: readonly string[];
    /** Whether the workers also poll the task queue of webhooks. */
    readonly hasWebhooks: boolean;
    readonly now: () => Date;
  },
): WorkerDeployment {
  const { workflowService } = connection;
  const inTime = <T>(call: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + RPC_DEADLINE_MS, call);

  async function currentBuildId(): Promise<string | undefined> {
    const description = await inTime(() =>
      unlessMissing(() => workflowService.describeWorkerDeployment({ namespace, deploymentName })),
    );
    const current = description?.workerDeploymentInfo?.routingConfig?.currentDeploymentVersion;
    return current?.buildId === '' ? undefined : (current?.buildId ?? undefined);
  }

  async function queuesWithoutWorker(buildId: string | undefined): Promise<readonly string[]> {
    const known = await queuesOf(buildId ?? (await currentBuildId()));
    const control = known.find((name) => installationOfQueue(name) !== name);
    const id = installation ?? (control === undefined ? undefined : installationOfQueue(control));
    // The names of the queues begin with the id of the installation, and no worker has shown it yet.
    if (id === undefined) return ['control (workflow)'];
    const expected = expectedQueues(id);
    const polled = await Promise.all(expected.map((queue) => isPolled(queue, buildId)));
    return expected.filter((_, index) => polled[index] !== true).map(({ name, type }) => `${name} (${type})`);
  }

  /** Returns the names of the task queues that workers of a version have polled at least once. */
  async function queuesOf(buildId: string | undefined): Promise<readonly string[]> {
    if (buildId === undefined) return [];
    const deploymentVersion = { deploymentName, buildId };
    const description = await inTime(() =>
      unlessMissing(() => workflowService.describeWorkerDeploymentVersion({ namespace, deploymentVersion })),
    );
    return (description?.versionTaskQueues ?? []).map(({ name }) => name ?? '');
  }

  function expectedQueues(id: string): readonly Queue[] {
    const { control, webhook } = taskQueuesOf(id);
    const ofClusters = clusters.flatMap((cluster) => {
      const { helm, watch } = clusterQueuesOf(id, cluster);
      return [helm, watch];
    });
    const activities = [control, ...ofClusters, ...(hasWebhooks ? [webhook] : [])];
    return [{ name: control, type: 'workflow' }, ...activities.map((name): Queue => ({ name, type: 'activity' }))];
  }

  async function isPolled({ name, type }: Queue, buildId: string | undefined): Promise<boolean> {
    const { pollers } = await inTime(() =>
      workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType: QUEUE_TYPES[type] }),
    );
    const earliest = now().getTime() - LATEST_POLL_MS;
    return (pollers ?? []).some(({ deploymentOptions: options, lastAccessTime }) => {
      if (Number(lastAccessTime?.seconds ?? 0) * 1_000 < earliest) return false;
      const isVersioned = (options?.deploymentName ?? '') !== '';
      if (buildId === undefined) return !isVersioned;
      return options?.deploymentName === deploymentName && options.buildId === buildId;
    });
  }

  async function makeCurrent(buildId: string | undefined): Promise<void> {
    await inTime(() =>
      workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName,
        buildId: buildId ?? '',
        identity: IDENTITY,
        ignoreMissingTaskQueues: false,
      }),
    );
  }

  return { currentBuildId, queuesWithoutWorker, makeCurrent };
}

interface Queue {
  readonly name: string;
  readonly type: keyof typeof QUEUE_TYPES;
}

/** Returns undefined when Temporal does not have the object: a version exists once one of its workers has polled. */
async function unlessMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
