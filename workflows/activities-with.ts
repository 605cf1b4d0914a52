import { proxyActivities, workflowInfo, type ActivityInterfaceFor, type ActivityOptions } from '@temporalio/workflow';
import { clusterQueuesOf, installationOfQueue, taskQueuesOf } from '../domain/names.ts';
import type { ActivityProfile, ClusterActivityProfile } from './activity-profiles.ts';

/** Input of an activity on the task queues of a cluster: it names a store, which is in a cluster, or the cluster itself. */
type ClusterInput = { readonly store: { readonly cluster: string } } | { readonly cluster: string };

/** Activities on the task queues of a cluster. One whose input names no cluster cannot be called. */
type InCluster<A> = {
  readonly [Name in keyof A]: A[Name] extends (input: infer Input) => infer Result
    ? Input extends ClusterInput
      ? (input: Input) => Result
      : never
    : never;
};

/**
 * Returns activities that run with a profile, on a task queue of the installation to which the workflow run belongs. The run
 * finds its installation in the name of its own task queue: it is the same in a replay, and all installations use the same
 * workflow bundle.
 */
export function activitiesWith<A>({ queue, ...profile }: ActivityProfile): ActivityInterfaceFor<A> {
  return proxyActivities<A>({
    ...profile,
    // The SDK reads the options at each call. A module that is loaded belongs to no run yet.
    get taskQueue() {
      return taskQueuesOf(installationOfRun())[queue];
    },
  });
}

/** Returns activities that run with a profile, on a task queue of the cluster that the input of each call names. */
export function clusterActivitiesWith<A>(
  { queue, ...profile }: ClusterActivityProfile,
  options: Partial<ActivityOptions> = {},
): InCluster<A> {
  function call(name: string, input: ClusterInput): Promise<unknown> {
    const taskQueue = clusterQueuesOf(installationOfRun(), clusterOf(input))[queue];
    const activities = proxyActivities<Record<string, (input: ClusterInput) => Promise<unknown>>>({
      ...profile,
      ...options,
      taskQueue,
    });
    return activities[name]!(input);
  }
  const functions = { get: (_: unknown, name: string) => (input: ClusterInput) => call(name, input) };
  // The proxy has every name, as that of the SDK.
  return new Proxy({}, functions) as InCluster<A>;
}

function installationOfRun(): string {
  return installationOfQueue(workflowInfo().taskQueue);
}

function clusterOf(input: ClusterInput): string {
  return 'store' in input ? input.store.cluster : input.cluster;
}
