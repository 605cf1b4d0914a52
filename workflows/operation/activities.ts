import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { StoreStatus } from '../../domain/store/status.ts';
import { SEARCH_ATTRIBUTES } from '../search-attributes.ts';
import { PROFILES, WAIT_FOR_CANCELLATION } from '../activity-profiles.ts';
import type { OperationKind } from '../../domain/operations/catalogue.ts';
import type { ActivityInput, OperationInput } from '../../domain/operations/inputs.ts';

/** The shape of every operation's workflow. */
type OperationWorkflow = (input: OperationInput) => Promise<void>;

type ClusterSteps = Pick<Activities, 'ensureNamespace' | 'ensureSecrets'>;
type ReleaseSteps = Pick<Activities, 'ensureRelease'>;

const clusterSteps = proxyActivities<ClusterSteps>({ ...PROFILES.cluster, ...WAIT_FOR_CANCELLATION });
const releaseSteps = proxyActivities<ReleaseSteps>({ ...PROFILES.release, ...WAIT_FOR_CANCELLATION });

/** The activities that act on the cluster, each under its profile; those that keep records are in `record-writes.ts`. */
export const cluster: ClusterSteps = {
  ensureNamespace: (input) => unlessCancelled(clusterSteps.ensureNamespace(input)),
  ensureSecrets: (input) => unlessCancelled(clusterSteps.ensureSecrets(input)),
};
export const releases: ReleaseSteps = {
  ensureRelease: (input) => unlessCancelled(releaseSteps.ensureRelease(input)),
};
export const readiness = proxyActivities<Pick<Activities, 'awaitReady'>>(PROFILES.readiness);
export const verification = proxyActivities<Pick<Activities, 'verifyStore'>>(PROFILES.verification);
/** One that is given up is waited for: both engines can make two orders of one cart when asked twice at once. */
export const earlyVerification = proxyActivities<Pick<Activities, 'verifyStore'>>({
  ...PROFILES.verification,
  ...WAIT_FOR_CANCELLATION,
});
export const removals = proxyActivities<
  Pick<Activities, 'deleteRelease' | 'deleteNamespace' | 'keepVolumes' | 'expireVolumes'>
>(PROFILES.removal);
export const absence = proxyActivities<Pick<Activities, 'awaitAbsence'>>(PROFILES.absence);

/** Once a cancel was asked for, an attempt that fails is not tried again: it was the cancel that ended the step. */
async function unlessCancelled<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (!CancellationScope.current().consideredCancelled || isCancellation(error)) throw error;
    throw new CancelledFailure(
      'cancelled while the last attempt failed',
      [],
      error instanceof Error ? error : undefined,
    );
  }
}

/** First argument of every activity of this run. `round`: how often the run was resumed. */
export function activityInput(input: OperationInput, kind: OperationKind, round = 0): ActivityInput {
  const { workflowId, runId } = workflowInfo();
  const run = { kind, workflowId, runId, correlationId: input.correlationId };
  return { store: input.store, run: round === 0 ? run : { ...run, round } };
}

/** Shows the store's status among the run's search attributes. */
export function showStatus(status: StoreStatus): void {
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.storeStatus, value: status }]);
}

/**
 * Ends this run and goes on as the store's delete, without ever letting go of the workflow id: no other operation can
 * slip in between.
 */
export async function continueAsDelete(input: OperationInput): Promise<never> {
  showOperation('delete', 'deleting');
  return makeContinueAsNewFunc<OperationWorkflow>({ workflowType: 'deleteStore' })(input);
}

/** The other way round: the delete was taken back, and the store comes up again on the volumes that it has. */
export async function continueAsProvision(input: OperationInput): Promise<never> {
  showOperation('provision', 'provisioning');
  const store = { ...input.store, hasData: true };
  return makeContinueAsNewFunc<OperationWorkflow>({ workflowType: 'provisionStore' })({ ...input, store });
}

function showOperation(operation: OperationKind, status: StoreStatus): void {
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.storeStatus, value: status },
    { key: SEARCH_ATTRIBUTES.operation, value: operation },
  ]);
}
