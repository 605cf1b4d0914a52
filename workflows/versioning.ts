import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';

type VersioningBehavior = 'AUTO_UPGRADE' | 'PINNED';

/**
 * Lets the runs of a workflow move to the current worker version at their next workflow task. For every workflow with the id
 * of a store: it can wait for days (a hold, an undelete window, the queue of its tenant) or continue as one that does, and a
 * version is taken down before that. New code must replay the histories of such runs, which `histories.stack.test.ts` checks.
 */
export function movesToCurrentVersion(workflow: (input: never) => Promise<unknown>): void {
  declare(workflow, 'AUTO_UPGRADE');
}

/**
 * Keeps each run of a workflow on the worker version that started it. For the passes of the reconciler: they end within
 * hours, and the run timeout of their schedule ends one whose version is gone.
 */
export function staysOnItsVersion(workflow: (input: never) => Promise<unknown>): void {
  declare(workflow, 'PINNED');
}

/**
 * Temporal rejects every workflow task of a worker without a deployment that names a behavior. The version of such a worker
 * has a build id only.
 */
function declare(workflow: (input: never) => Promise<unknown>, versioningBehavior: VersioningBehavior): void {
  setWorkflowOptions(
    () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior } : {}),
    Object.assign(workflow, { versioningBehavior }),
  );
}
