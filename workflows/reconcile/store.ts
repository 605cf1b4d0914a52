import { CancellationScope, log, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { PROFILES } from '../activity-profiles.ts';
import { absence, activityInput, continueAsDelete, removals } from '../operation/activities.ts';
import type { OperationInput } from '../../domain/operations/inputs.ts';
import type { AbsenceReceipt } from '../../domain/operations/outcomes.ts';

const repairs = proxyActivities<Pick<Activities, 'repairStore'>>(PROFILES.release);
const records = proxyActivities<Pick<Activities, 'checkLeftovers' | 'recordLeftoversRemoved'>>(PROFILES.record);

/**
 * Puts a ready store back to what was installed. Workflow id `store/<storeId>`, so no operation runs beside it; it is no
 * operation of the store's record, whose status stays `ready`. A delete that was asked for meanwhile follows at once.
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

/**
 * Removes what a store has left in the cluster though its record has ended, or though it has none: release ▸ namespace ▸
 * proof. Workflow id `store/<storeId>`. Whether all may go is asked under that id; the record's status stays as it is.
 */
export async function cleanUpLeftovers(input: OperationInput): Promise<{ removed: AbsenceReceipt | null }> {
  return CancellationScope.nonCancellable(async () => {
    const base = activityInput(input, 'delete');
    const { isRemovable } = await records.checkLeftovers(base);
    if (!isRemovable) return { removed: null };
    try {
      await removals.deleteRelease(base);
    } catch (error) {
      log.warn('uninstall failed; the namespace is removed with the release in it', { error });
    }
    await removals.deleteNamespace(base);
    const receipt = await absence.awaitAbsence(base);
    const { next } = await records.recordLeftoversRemoved({ ...base, receipt });
    if (next === 'delete') return continueAsDelete(input);
    return { removed: receipt };
  });
}
