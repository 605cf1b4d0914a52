import {
  ApplicationFailure,
  isCancellation,
  makeContinueAsNewFunc,
  patched,
  proxyActivities,
  proxyLocalActivities,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { ActivityInput, OperationInput } from '../domain/operations.ts';
import type { OperationKind, StoreStatus } from '../domain/store-state.ts';
import { SEARCH_ATTRIBUTES } from '../temporal/search-attributes.ts';
import { IN_TASK, PROFILES } from './activity-profiles.ts';
import type { deleteStore } from './delete-store.ts';
import type { provisionStore } from './provision-store.ts';

type RecordWrites = Pick<Activities, 'beginOperation' | 'recordProgress' | 'endOperation'>;

const patient = proxyActivities<
  RecordWrites & Pick<Activities, 'takeTurn' | 'holdOperation' | 'endHold' | 'undoDelete'>
>(PROFILES.record);
const inTask = proxyLocalActivities<RecordWrites>(IN_TASK);

/** The activities of every operation, each under its profile; the record writes of every step where they cost least. */
export const records = {
  beginOperation: atOnce(inTask.beginOperation, patient.beginOperation),
  recordProgress: atOnce(inTask.recordProgress, patient.recordProgress),
  endOperation: atOnce(inTask.endOperation, patient.endOperation),
  takeTurn: patient.takeTurn,
  holdOperation: patient.holdOperation,
  endHold: patient.endHold,
  undoDelete: patient.undoDelete,
};
export const cluster = proxyActivities<Pick<Activities, 'ensureNamespace' | 'ensureSecrets'>>(PROFILES.cluster);
export const releases = proxyActivities<Pick<Activities, 'ensureRelease'>>(PROFILES.release);
export const readiness = proxyActivities<Pick<Activities, 'awaitReady'>>(PROFILES.readiness);
export const verification = proxyActivities<Pick<Activities, 'verifyStore'>>(PROFILES.verification);
export const removals = proxyActivities<
  Pick<Activities, 'deleteRelease' | 'deleteNamespace' | 'keepVolumes' | 'releaseVolumes'>
>(PROFILES.removal);
export const absence = proxyActivities<Pick<Activities, 'awaitAbsence'>>(PROFILES.absence);

/**
 * A write within the workflow task that is at hand anyway: no task of its own, no round trip, three events fewer. Its
 * one attempt holds the workflow task up, so a database that does not answer is left to the activity that can wait.
 */
function atOnce<I, O>(local: (input: I) => Promise<O>, durable: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async (input) => {
    if (!patched('record-writes-in-task')) return durable(input);
    try {
      return await local(input);
    } catch (error) {
      if (isCancellation(error) || isFinal(error)) throw error;
      return durable(input);
    }
  };
}

/** A local activity fails with what it threw, not with an ActivityFailure around it. */
function isFinal(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.nonRetryable === true;
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
  return makeContinueAsNewFunc<typeof deleteStore>({ workflowType: 'deleteStore' })(input);
}

/** The other way round: the delete was taken back, and the store comes up again on the volumes that it has. */
export async function continueAsProvision(input: OperationInput): Promise<never> {
  showOperation('provision', 'provisioning');
  const store = { ...input.store, hasData: true };
  return makeContinueAsNewFunc<typeof provisionStore>({ workflowType: 'provisionStore' })({ ...input, store });
}

function showOperation(operation: OperationKind, status: StoreStatus): void {
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.storeStatus, value: status },
    { key: SEARCH_ATTRIBUTES.operation, value: operation },
  ]);
}
