import { proxyActivities, workflowInfo, type ActivityInterfaceFor, type ActivityOptions } from '@temporalio/workflow';
import { installationOfQueue, taskQueuesOf } from '../domain/names.ts';
import type { ActivityProfile } from './activity-profiles.ts';

/**
 * Returns activities that run with a profile, on the task queue of the installation to which the workflow run belongs. The
 * run finds its installation in the name of its own task queue: it is the same in a replay, and all installations use the
 * same workflow bundle.
 */
export function activitiesWith<A>(
  { queue, ...profile }: ActivityProfile,
  options: Partial<ActivityOptions> = {},
): ActivityInterfaceFor<A> {
  return proxyActivities<A>({
    ...profile,
    ...options,
    // The SDK reads the options at each call. A module that is loaded belongs to no run yet.
    get taskQueue() {
      return taskQueuesOf(installationOfQueue(workflowInfo().taskQueue))[queue];
    },
  });
}
