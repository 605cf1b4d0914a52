import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { StoreStatus } from '../../domain/store/status.ts';
import { SEARCH_ATTRIBUTES } from '../search-attributes.ts';
import { clusterActivitiesWith } from '../activities-with.ts';
import { PROFILES, WAIT_FOR_CANCELLATION } from '../activity-profiles.ts';
import { operationSpec, type OperationKind } from '../../domain/operations/catalogue.ts';
import type { ActivityInput, OperationInput } from '../../domain/operations/inputs.ts';

/** The signature of every workflow that runs an operation. */
type OperationWorkflow = (input: OperationInput) => Promise<void>;

type ClusterSteps = Pick<Activities, 'ensureNamespace' | 'ensureSecrets'>;
type ReleaseSteps = Pick<Activities, 'ensureRelease'>;

const clusterSteps = clusterActivitiesWith<ClusterSteps>(PROFILES.cluster, WAIT_FOR_CANCELLATION);
const releaseSteps = clusterActivitiesWith<ReleaseSteps>(PROFILES.release, WAIT_FOR_CANCELLATION);

/** The activities that act on the cluster, each with its profile. `record-writes.ts` has those that write records. */
export const cluster: ClusterSteps = {
  ensureNamespace: (input) => unlessCancelled(clusterSteps.ensureNamespace(input)),
  ensureSecrets: (input) => unlessCancelled(clusterSteps.ensureSecrets(input)),
};
export const releases: ReleaseSteps = {
  ensureRelease: (input) => unlessCancelled(releaseSteps.ensureRelease(input)),
};
export const readiness = clusterActivitiesWith<Pick<Activities, 'awaitReady'>>(PROFILES.readiness);
const marks = clusterActivitiesWith<Pick<Activities, 'markReady'>>(PROFILES.mark);
export const verification = clusterActivitiesWith<Pick<Activities, 'verifyStore'>>(PROFILES.verification);
/**
 * The verification that runs while optional workloads still start. A cancel waits until the activity ends: in both engines
 * two concurrent requests can turn one cart into two orders.
 */
export const earlyVerification = clusterActivitiesWith<Pick<Activities, 'verifyStore'>>(
  PROFILES.verification,
  WAIT_FOR_CANCELLATION,
);
export const removals = clusterActivitiesWith<Pick<Activities, 'deleteRelease' | 'deleteNamespace' | 'keepVolumes'>>(
  PROFILES.removal,
);
export const absence = clusterActivitiesWith<Pick<Activities, 'awaitAbsence'>>(PROFILES.absence);

/**
 * Marks the namespace of a ready store. A failure is logged only, and a cancel has no effect: the caller checks it
 * afterwards.
 */
export async function markReady(input: ActivityInput): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() => marks.markReady(input));
  } catch (error) {
    log.warn('the namespace of a ready store could not be marked', { error });
  }
}

/**
 * Turns a failure into a CancelledFailure when a cancel was requested before. Temporal does not retry the activity after a
 * cancel, so the cancel ended the step, not the failure of its last attempt.
 *
 * @throws CancelledFailure when the scope is cancelled; otherwise the error of the step.
 */
async function unlessCancelled<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (!CancellationScope.current().consideredCancelled || isCancellation(error)) throw error;
    throw new CancelledFailure(
      'the operation was cancelled, and the last attempt of its step failed',
      [],
      error instanceof Error ? error : undefined,
    );
  }
}

/** Returns the first argument of every activity of this run. `round` is the number of times that a hold was continued. */
export function activityInput(input: OperationInput, kind: OperationKind, round = 0): ActivityInput {
  const { workflowId, runId } = workflowInfo();
  const run = { kind, workflowId, runId, correlationId: input.correlationId };
  return { store: input.store, run: round === 0 ? run : { ...run, round } };
}

/** Sets the search attribute `StoreStatus` of this run. */
export function showStatus(status: StoreStatus): void {
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.storeStatus, value: status }]);
}

/**
 * Ends this run and continues as the delete of the store. Continue-as-new keeps the workflow id, so no other operation can
 * start in between.
 */
export async function continueAsDelete(input: OperationInput): Promise<never> {
  return continueAs('delete', input);
}

/** Ends this delete and continues as a provision, after an undelete. The provision uses the existing volumes. */
export async function continueAsProvision(input: OperationInput): Promise<never> {
  return continueAs('provision', { ...input, store: { ...input.store, hasData: true } });
}

/**
 * Continues a provision in a run with an empty history. If it waits for a tenant slot, it keeps its place in the queue, which
 * the record holds.
 */
export async function continueInNewRun(input: OperationInput): Promise<never> {
  return makeContinueAsNewFunc<OperationWorkflow>({ workflowType: operationSpec('provision').workflowType })(input);
}

function continueAs(operation: OperationKind, input: OperationInput): Promise<never> {
  const { workflowType, runningStatus } = operationSpec(operation);
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.storeStatus, value: runningStatus },
    { key: SEARCH_ATTRIBUTES.operation, value: operation },
  ]);
  return makeContinueAsNewFunc<OperationWorkflow>({ workflowType })(input);
}
