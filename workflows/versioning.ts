import { setWorkflowOptions } from '@temporalio/workflow';

// A worker that has no version ignores both.

/**
 * Lets the runs of a workflow move to the current worker version at their next workflow task. For every workflow with the id
 * of a store: it can wait for days (a hold, an undelete window, the queue of its tenant) or continue as one that does, and a
 * version is taken down before that. New code must replay the histories of such runs, which `histories.stack.test.ts` checks.
 */
export function movesToCurrentVersion(workflow: (input: never) => Promise<unknown>): void {
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, workflow);
}

/**
 * Keeps each run of a workflow on the worker version that started it. For the passes of the reconciler: they end within
 * hours, and the run timeout of their schedule ends one whose version is gone.
 */
export function staysOnItsVersion(workflow: (input: never) => Promise<unknown>): void {
  setWorkflowOptions({ versioningBehavior: 'PINNED' }, workflow);
}
