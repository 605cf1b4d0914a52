import { CancellationScope, condition, log, ParentClosePolicy, setHandler, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { volumesWorkflowIdOf } from '../domain/names.ts';
import { type DeletePlan } from '../domain/store/status.ts';
import type { expireVolumes } from './expire-volumes.ts';
import { undeleteSignal } from './operation/messages.ts';
import { absence, activityInput, continueAsProvision, removals, showStatus } from './operation/activities.ts';
import { closingFailure, operationFailure } from './operation/operation-failure.ts';
import { records } from './operation/record-writes.ts';
import { StepLog } from './operation/step-log.ts';
import { DELETE_STEPS } from '../domain/operations/catalogue.ts';
import type { OperationInput } from '../domain/operations/inputs.ts';
import type { AbsenceReceipt, OperationOutcome } from '../domain/operations/outcomes.ts';

const AT_ONCE: DeletePlan = { undeleteWindowSeconds: 0, volumes: 'delete' };
const DAY_MS = 86_400_000;

/**
 * Removes a store: release ▸ undelete window, if there is one ▸ namespace ▸ proof that nothing is left. Workflow id
 * `store/<storeId>`.
 *
 * The charts' volumes outlive their release, and the secrets are the platform's: until the namespace goes, nothing is
 * lost. An `undelete` signal within the window makes the run go on as the provision that brings the store back.
 *
 * A delete can't be cancelled: half of a store helps nobody. When absence can't be proved within the bounds of
 * `activity-profiles.ts` the run closes as Failed and the store says what is left; deleting again goes on from there.
 */
export async function deleteStore(input: OperationInput): Promise<void> {
  let isUndeleteRequested = false;
  setHandler(undeleteSignal, () => void (isUndeleteRequested = true));

  await CancellationScope.nonCancellable(async () => {
    const base = activityInput(input, 'delete');
    const begun = await records.beginOperation(base);
    const plan = begun.kind === 'begun' ? (begun.deletion ?? AT_ONCE) : AT_ONCE;
    showStatus('deleting');
    const planned = DELETE_STEPS.filter((step) => step !== 'undelete-window' || plan.undeleteWindowSeconds > 0);
    const steps = new StepLog(planned, async (progress) => {
      await records.recordProgress({ ...base, ...progress, nodes: null });
    });
    const outcome = await remove({ input, plan, steps, isUndeleteRequested: () => isUndeleteRequested });
    if (outcome.kind === 'undone') {
      await records.undoDelete(base);
      await continueAsProvision(input);
      return;
    }
    await records.endOperation({ ...base, outcome });
    showStatus(outcome.kind);
    if (outcome.kind === 'failed') throw closingFailure(outcome.failure);
  });
}

async function remove({
  input,
  plan,
  steps,
  isUndeleteRequested,
}: {
  readonly input: OperationInput;
  readonly plan: DeletePlan;
  readonly steps: StepLog;
  readonly isUndeleteRequested: () => boolean;
}): Promise<Extract<OperationOutcome, { kind: 'failed' | 'deleted' }> | { readonly kind: 'undone' }> {
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
    if (plan.undeleteWindowSeconds > 0) {
      const { undone } = await steps.run('undelete-window', async () => {
        steps.note('Send this run the signal `undelete` to bring the store back; after this step its data are gone.');
        return { undone: await condition(isUndeleteRequested, plan.undeleteWindowSeconds * 1_000) };
      });
      if (undone) return { kind: 'undone' };
    }
    const keptUntil = keptUntilOf(plan);
    await steps.run('delete-namespace', async () => {
      const kept = plan.volumes === 'delete' ? {} : await removals.keepVolumes({ ...base, until: keptUntil });
      return { ...(await removals.deleteNamespace(base)), ...kept };
    });
    const proof: AbsenceReceipt = await steps.run('await-absence', () => absence.awaitAbsence(base));
    const receipt = keptUntil === null ? proof : { ...proof, keptUntil };
    await expireLater(input, plan, receipt);
    return { kind: 'deleted', receipt, completed: steps.lastCompleted() };
  } catch (error) {
    const failure = operationFailure(error, steps.current);
    await steps.fail(failure);
    return { kind: 'failed', failure, undo: { undone: [], leftBehind: [] } };
  }
}

/** When volumes go that are kept for some days; null: never, or with the store. */
function keptUntilOf({ volumes }: DeletePlan): string | null {
  return typeof volumes === 'object' ? new Date(Date.now() + volumes.keepForDays * DAY_MS).toISOString() : null;
}

/** A run of its own waits for the days to pass: the store's id is free, and its delete is over. */
async function expireLater(input: OperationInput, { volumes }: DeletePlan, receipt: AbsenceReceipt): Promise<void> {
  if (typeof volumes !== 'object' || receipt.kept === undefined) return;
  try {
    await startChild<typeof expireVolumes>('expireVolumes', {
      workflowId: volumesWorkflowIdOf(input.store.storeId),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `let the volumes of ${input.store.namespace} go after ${volumes.keepForDays} days`,
      args: [{ ...input, keepForDays: volumes.keepForDays }],
    });
  } catch (error) {
    // A delete that was reset has started it before.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
