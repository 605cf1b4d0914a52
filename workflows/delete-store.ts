import { CancellationScope, condition, log, setHandler } from '@temporalio/workflow';
import { type DeletePlan } from '../domain/store/status.ts';
import { undeleteSignal } from './operation/messages.ts';
import { absence, activityInput, continueAsProvision, removals, showStatus } from './operation/activities.ts';
import { closingFailure, operationFailure } from './operation/operation-failure.ts';
import { records } from './operation/record-writes.ts';
import { StepLog } from './operation/step-log.ts';
import { signalNext } from './operation/tenant-slot.ts';
import { movesToCurrentVersion } from './versioning.ts';
import { DELETE_STEPS } from '../domain/operations/catalogue.ts';
import type { OperationInput } from '../domain/operations/inputs.ts';
import type { AbsenceReceipt, NamespaceRemoval, OperationOutcome } from '../domain/operations/outcomes.ts';

const IMMEDIATE_DELETE: DeletePlan = { undeleteWindowSeconds: 0, volumes: 'delete' };
const DAY_MS = 86_400_000;

/**
 * Deletes a store: release ▸ undelete window, if the request has one ▸ namespace ▸ verification that nothing is left.
 * Workflow id `store/<storeId>`.
 *
 * The charts keep their volumes when the release is uninstalled, and the platform owns the secrets. No data is lost until
 * the namespace is deleted. An `undelete` signal within the window continues the run as a provision that restores the store.
 * The record decides whether an undelete was in time: after it was accepted, the record lets no step start.
 *
 * A delete can't be cancelled: a partly deleted store is of no use. When objects remain after the timeouts of
 * `activity-profiles.ts`, the run closes as Failed and the store lists the leftovers. A second delete continues from there.
 *
 * @throws ApplicationFailure with the failure code of the store when the delete fails.
 */
export async function deleteStore(input: OperationInput): Promise<void> {
  let isUndeleteRequested = false;
  setHandler(undeleteSignal, () => void (isUndeleteRequested = true));

  await CancellationScope.nonCancellable(async () => {
    const base = activityInput(input, 'delete');
    const begun = await records.beginOperation(base);
    // The delete of a store whose provision was lost frees the slot of that provision.
    if (begun.kind === 'begun') await signalNext(begun.nextInQueue);
    const plan = begun.kind === 'begun' ? (begun.deletion ?? IMMEDIATE_DELETE) : IMMEDIATE_DELETE;
    showStatus('deleting');
    const planned = DELETE_STEPS.filter((step) => step !== 'undelete-window' || plan.undeleteWindowSeconds > 0);
    const steps = new StepLog(planned, async (progress) => {
      const { next } = await records.recordProgress({ ...base, ...progress, nodes: null });
      if (next === 'undelete' && progress.started !== null) throw new UndeleteAccepted();
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
movesToCurrentVersion(deleteStore);

/** The record did not let a step start, because an undelete was accepted. */
class UndeleteAccepted extends Error {}

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
        // Deleting the namespace deletes all objects of the release: a Helm failure must not stop the delete.
        log.warn('helm could not uninstall the release; the delete of the namespace removes its objects', { error });
        return { removed: false, left: operationFailure(error, 'uninstall-release').code };
      }
    });
    if (plan.undeleteWindowSeconds > 0) {
      const { undone } = await steps.run('undelete-window', async () => {
        steps.note('To restore the store, send this run the signal `undelete`. After this step its data is lost.');
        return { undone: await condition(isUndeleteRequested, plan.undeleteWindowSeconds * 1_000) };
      });
      if (undone) return { kind: 'undone' };
    }
    const keptUntil = keptUntilOf(plan);
    let volumes: NamespaceRemoval['volumes'];
    await steps.run('delete-namespace', async () => {
      const kept = plan.volumes === 'delete' ? {} : await removals.keepVolumes({ ...base, until: keptUntil });
      const removal = await removals.deleteNamespace(base);
      ({ volumes } = removal);
      return { removed: removal.removed, ...kept };
    });
    const absent: AbsenceReceipt = await steps.run('await-absence', () => absence.awaitAbsence({ ...base, volumes }));
    const receipt = keptUntil === null ? absent : { ...absent, keptUntil };
    return { kind: 'deleted', receipt, completed: steps.lastCompleted() };
  } catch (error) {
    if (error instanceof UndeleteAccepted) return { kind: 'undone' };
    const failure = operationFailure(error, steps.current);
    await steps.fail(failure);
    return { kind: 'failed', failure, undo: { undone: [], leftBehind: [] } };
  }
}

/** Returns when the kept volumes expire, in RFC 3339. Returns null when the plan keeps them without a limit, or not at all. */
function keptUntilOf({ volumes }: DeletePlan): string | null {
  return typeof volumes === 'object' ? new Date(Date.now() + volumes.keepForDays * DAY_MS).toISOString() : null;
}
