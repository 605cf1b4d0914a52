import { CancellationScope, log, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { activitiesWith, clusterActivitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';
import { absence, activityInput, continueAsDelete, removals } from '../operation/activities.ts';
import { movesToCurrentVersion } from '../versioning.ts';
import type { OperationInput } from '../../domain/operations/inputs.ts';
import type { AbsenceReceipt } from '../../domain/operations/outcomes.ts';

const repairs = clusterActivitiesWith<Pick<Activities, 'repairStore'>>(PROFILES.release);
const adoption = clusterActivitiesWith<Pick<Activities, 'adoptStore'>>(PROFILES.adoption);
const { checkLeftovers } = clusterActivitiesWith<Pick<Activities, 'checkLeftovers'>>(PROFILES.leftoversCheck);
const records = activitiesWith<Pick<Activities, 'recordLeftoversRemoved'>>(PROFILES.record);

/**
 * Restores the installed release of a ready store. Workflow id `store/<storeId>`, so no operation runs at the same time. The
 * repair is no operation of the record: the status stays `ready`. After a delete request the run continues as that delete.
 *
 * @returns `left`: the objects that still differ after the repair.
 */
export async function repairStore(input: OperationInput): Promise<{ left: readonly string[] }> {
  const { workflowId, runId } = workflowInfo();
  const { store, correlationId } = input;
  const { left, next } = await repairs.repairStore({
    store,
    run: { kind: 'repair', workflowId, runId, correlationId },
  });
  if (next === 'delete') return continueAsDelete(input);
  return { left };
}
movesToCurrentVersion(repairStore);

/**
 * Deletes the leftovers of a store whose record has ended or does not exist: release ▸ namespace ▸ verification that nothing
 * is left. Workflow id `store/<storeId>`, so the check for removable leftovers can't race with an operation. The status of
 * the record does not change.
 *
 * @returns `removed`: the receipt, or null when the leftovers are not removable.
 */
export async function cleanUpLeftovers(input: OperationInput): Promise<{ removed: AbsenceReceipt | null }> {
  return CancellationScope.nonCancellable(async () => {
    const base = activityInput(input, 'delete');
    const { isRemovable } = await checkLeftovers(base);
    if (!isRemovable) return { removed: null };
    try {
      await removals.deleteRelease(base);
    } catch (error) {
      log.warn('helm could not uninstall the release; the delete of the namespace removes its objects', { error });
    }
    const { volumes } = await removals.deleteNamespace(base);
    const receipt = await absence.awaitAbsence({ ...base, volumes });
    const { next } = await records.recordLeftoversRemoved({ ...base, receipt });
    if (next === 'delete') return continueAsDelete(input);
    return { removed: receipt };
  });
}
movesToCurrentVersion(cleanUpLeftovers);

/**
 * Creates the record of a store again, from its namespace, because an operator decided so. Workflow id `store/<storeId>`, so
 * no operation runs at the same time.
 */
export async function adoptStore(input: OperationInput): Promise<{ adopted: boolean }> {
  return adoption.adoptStore(activityInput(input, 'provision'));
}
movesToCurrentVersion(adoptStore);
