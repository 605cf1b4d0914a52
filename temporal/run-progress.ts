import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { taskQueuesOf, workflowIdOf } from '../domain/names.ts';
import type { RunProgress, RunProgressReader } from '../domain/ports/run-progress.ts';
import { orchestratorFailure } from './store-operations.ts';

/** Deadline of the RPCs for one run in milliseconds, retries included. */
const RPC_DEADLINE_MS = 2_000;

/** Temporal's numbers for the enums `VersioningBehavior` and `TaskQueueType`. The client does not export their names. */
const PINNED = 1;
const WORKFLOW_QUEUE = 1;

type History = Awaited<ReturnType<Client['workflowService']['getWorkflowExecutionHistoryReverse']>>['history'];
type EventTime = NonNullable<NonNullable<History>['events']>[number]['eventTime'];
type Description = WorkflowExecutionDescription['raw'];

/** Creates the reader of the progress of an installation's runs on a Temporal client. */
export function createRunProgressReader(client: Client, installation: string): RunProgressReader {
  const { namespace } = client.options;
  const taskQueue = { name: taskQueuesOf(installation).control };

  async function read(storeId: string): Promise<RunProgress | null> {
    const { raw, runId, status } = await client.workflow.getHandle(workflowIdOf(storeId)).describe();
    if (status.name !== 'RUNNING') return null;
    const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: { workflowId: workflowIdOf(storeId), runId },
      maximumPageSize: 1,
    });
    const task = raw.pendingWorkflowTask;
    const waitsForTask = task !== null && task !== undefined;
    return {
      lastEventAt: instantOf(history?.events?.[0]?.eventTime),
      waitsFor: waitsForTask ? 'workflowTask' : (raw.pendingActivities ?? []).length > 0 ? 'activity' : 'other',
      workflowTaskAttempts: task?.attempt ?? 0,
      missingVersion: await missingVersionOf(raw),
    };
  }

  /** Returns the version that the run is pinned to, by its workflow or by an operator, if no worker of it polls. */
  async function missingVersionOf({ workflowExecutionInfo }: Description): Promise<string | null> {
    const versioning = workflowExecutionInfo?.versioningInfo;
    const { versioningOverride: override } = versioning ?? {};
    const pinned =
      override === null || override === undefined
        ? Number(versioning?.behavior) === PINNED && versioning?.deploymentVersion
        : override.pinned?.version;
    if (!pinned) return null;
    const { deploymentName, buildId } = pinned;
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue,
      taskQueueType: WORKFLOW_QUEUE,
    });
    const isPolled = (pollers ?? []).some(
      ({ deploymentOptions }) =>
        deploymentOptions?.deploymentName === deploymentName && deploymentOptions?.buildId === buildId,
    );
    return isPolled ? null : `${deploymentName}:${buildId}`;
  }

  async function progressOf(storeId: string): Promise<RunProgress | null> {
    try {
      return await client.withDeadline(Date.now() + RPC_DEADLINE_MS, () => read(storeId));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw orchestratorFailure(error);
    }
  }

  return { progressOf };
}

/** @throws Error when the event has no time, which Temporal never omits. */
function instantOf(time: EventTime): Date {
  if (time === null || time === undefined) throw new Error('the newest event of a run has no time');
  return new Date(Number(time.seconds ?? 0) * 1_000 + (time.nanos ?? 0) / 1e6);
}
