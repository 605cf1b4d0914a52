import { CancellationScope, log } from '@temporalio/workflow';
import type { AbsenceReceipt, OperationInput, OperationOutcome } from '../domain/operations.ts';
import { DELETE_STEPS } from '../domain/store-state.ts';
import { activityInput, records, removals, showStatus } from './operation.ts';
import { closingFailure, operationFailure } from './operation-failure.ts';
import { StepLog } from './step-log.ts';

/**
 * Removes a store: release ▸ namespace ▸ proof that nothing is left. Workflow id `store/<storeId>`.
 *
 * A delete can't be cancelled: half of a store helps nobody. When absence can't be proved within the bounds of
 * `activity-profiles.ts` the run closes as Failed and the store says what is left; deleting again goes on from there.
 */
export async function deleteStore(input: OperationInput): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    const base = activityInput(input, 'delete');
    await records.beginOperation(base);
    showStatus('deleting');
    const steps = new StepLog(DELETE_STEPS, async (progress) => {
      await records.recordProgress({ ...base, ...progress, nodes: null });
    });
    const outcome = await remove(input, steps);
    await records.endOperation({ ...base, outcome });
    showStatus(outcome.kind);
    if (outcome.kind === 'failed') throw closingFailure(outcome.failure);
  });
}

async function remove(
  input: OperationInput,
  steps: StepLog,
): Promise<Extract<OperationOutcome, { kind: 'failed' | 'deleted' }>> {
  const base = activityInput(input, 'delete');
  try {
    await steps.run('uninstall-release', async () => {
      try {
        return await removals.deleteRelease(base);
      } catch (error) {
        // Removing the namespace removes the release with all its objects: a broken Helm must not keep a store alive.
        log.warn('uninstall failed; the namespace is removed with the release in it', { error });
        return { removed: false, left: operationFailure(error, 'uninstall-release').code };
      }
    });
    await steps.run('delete-namespace', () => removals.deleteNamespace(base));
    const receipt: AbsenceReceipt = await steps.run('await-absence', () => removals.awaitAbsence(base));
    return { kind: 'deleted', receipt, completed: steps.lastCompleted() };
  } catch (error) {
    const failure = operationFailure(error, steps.current);
    await steps.fail(failure);
    return { kind: 'failed', failure, undo: { undone: [], leftBehind: [] } };
  }
}
