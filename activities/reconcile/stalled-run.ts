import type { RunProgress } from '../../domain/ports/run-progress.ts';
import type { ConditionReport } from '../../domain/store/conditions.ts';

/** A worker takes a workflow task within seconds. Ten minutes also cover the restart of all workers. */
const WORKFLOW_TASK_LIMIT_MS = 10 * 60_000;
/** Above the longest timeout of an attempt in `workflows/activity-profiles.ts`. A test compares them. */
export const ACTIVITY_LIMIT_MS = 130 * 60_000;
/** A run in progress that waits for no activity starts the next one within seconds. A run that waits for a tenant slot is queued by its record. */
const IDLE_LIMIT_MS = 40 * 60_000;

const LIMITS_MS: Readonly<Record<RunProgress['waitsFor'], number>> = {
  workflowTask: WORKFLOW_TASK_LIMIT_MS,
  activity: ACTIVITY_LIMIT_MS,
  other: IDLE_LIMIT_MS,
};

/** Restarts of a run that closes at once, after which a person must look at it. They take about an hour. */
const RESTARTS_UNTIL_REPORTED = 5;

/** Why a run has stalled, for the condition `Stalled`. */
export type StallCause = Pick<ConditionReport, 'reason' | 'message'>;

/**
 * Returns why the open run of an operation has stalled, or null when it makes progress or waits for a reason.
 *
 * @param isWaiting The record says that the operation waits: queued, held, or in its undelete window.
 */
export function stalledBecause(
  { lastEventAt, waitsFor, workflowTaskAttempts, missingVersion }: RunProgress,
  { now, isWaiting }: { readonly now: Date; readonly isWaiting: boolean },
): StallCause | null {
  if (missingVersion !== null) {
    return {
      reason: 'WorkerVersionMissing',
      message: `the run is pinned to the worker version ${missingVersion}, and no worker of this version polls; start one, or move the run with "temporal workflow update-options"`,
    };
  }
  if (isWaiting && waitsFor === 'other') return null;
  if (now.getTime() - lastEventAt.getTime() < LIMITS_MS[waitsFor]) return null;
  const since = `the history of the run has not changed since ${lastEventAt.toISOString()}`;
  if (waitsFor === 'workflowTask' && workflowTaskAttempts > 1) {
    return {
      reason: 'WorkflowTaskFails',
      message: `${since}: its workflow task fails; read the cause in the Temporal Web UI and run workers with code that can replay the run`,
    };
  }
  if (waitsFor === 'workflowTask') {
    return {
      reason: 'WorkflowTaskNotTaken',
      message: `${since}: no worker takes its workflow task; check that workers run and that their version is the current one`,
    };
  }
  if (waitsFor === 'activity') {
    return {
      reason: 'ActivityNotProgressing',
      message: `${since}: an activity neither ends nor fails; check that workers poll all three task queues`,
    };
  }
  return {
    reason: 'RunNotProgressing',
    message: `${since}, and it waits for nothing; restart the workers, and terminate the run if that does not help: it is started again`,
  };
}

/** Returns why a run that closes again and again needs a person, or null before the fifth restart. */
export function closingBecause(restarts: number): StallCause | null {
  if (restarts < RESTARTS_UNTIL_REPORTED) return null;
  return {
    reason: 'RunKeepsClosing',
    message:
      'the run closes again and again before the operation ends; read the cause of its last run in the Temporal Web UI. The platform starts it again at most once an hour',
  };
}
