import { makeContinueAsNewFunc, proxyActivities, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { ActivityInput, OperationInput } from '../domain/operations.ts';
import type { OperationKind, StoreStatus } from '../domain/store-state.ts';
import { SEARCH_ATTRIBUTES } from '../temporal/search-attributes.ts';
import { PROFILES } from './activity-profiles.ts';
import type { deleteStore } from './delete-store.ts';

/** The activities of every operation, each under its profile. */
export const records = proxyActivities<Pick<Activities, 'beginOperation' | 'recordProgress' | 'endOperation'>>(
  PROFILES.record,
);
export const cluster = proxyActivities<Pick<Activities, 'ensureNamespace' | 'ensureSecrets' | 'verifyStore'>>(
  PROFILES.cluster,
);
export const releases = proxyActivities<Pick<Activities, 'ensureRelease'>>(PROFILES.release);
export const readiness = proxyActivities<Pick<Activities, 'awaitReady'>>(PROFILES.readiness);
export const removals = proxyActivities<Pick<Activities, 'deleteRelease' | 'deleteNamespace' | 'awaitAbsence'>>(
  PROFILES.removal,
);

/** First argument of every activity of this run. */
export function activityInput(input: OperationInput, kind: OperationKind): ActivityInput {
  const { workflowId, runId } = workflowInfo();
  return { store: input.store, run: { kind, workflowId, runId, correlationId: input.correlationId } };
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
  const { storeStatus, operation } = SEARCH_ATTRIBUTES;
  upsertSearchAttributes([
    { key: storeStatus, value: 'deleting' },
    { key: operation, value: 'delete' },
  ]);
  return makeContinueAsNewFunc<typeof deleteStore>({ workflowType: 'deleteStore' })(input);
}
