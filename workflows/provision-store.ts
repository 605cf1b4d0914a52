import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import { mergeOverrides, type OverrideChange } from '../domain/store/overrides.ts';
import type { NodeKind, Verification } from '../domain/store/store.ts';
import { waitUntilReady } from './operation/wait-until-ready.ts';
import { Hold, type ContinueDecision } from './operation/hold.ts';
import {
  absence,
  activityInput,
  cluster,
  continueAsDelete,
  continueInNewRun,
  markReady,
  releases,
  removals,
  showStatus,
  verification,
} from './operation/activities.ts';
import { closingFailure, operationFailure, undoIncomplete } from './operation/operation-failure.ts';
import { records } from './operation/record-writes.ts';
import { saga, type RegisterUndo, type SagaResult } from './operation/saga.ts';
import { StepLog } from './operation/step-log.ts';
import { REQUESTS_A_RUN, signalNext, TenantSlot } from './operation/tenant-slot.ts';
import { movesToCurrentVersion } from './versioning.ts';
import { PROVISION_STEPS, type Step } from '../domain/operations/catalogue.ts';
import type { ActivityInput, OperationInput, StoreTarget } from '../domain/operations/inputs.ts';
import type { OperationOutcome } from '../domain/operations/outcomes.ts';

/** Holds of a run that were continued. Each adds about 40 events. Then the provision continues as a run without history. */
const ROUNDS_A_RUN = 10;

/**
 * Creates a store: namespace ▸ secrets ▸ release ▸ ready ▸ verified. Workflow id `store/<storeId>`.
 *
 * A failure or a requested cancel undoes every step, newest first, and records the outcome. The run closes as Failed or
 * Cancelled. When a delete was requested while the run was open, the run continues as that delete instead. A run that learns of
 * its cancel from the record only, because the request to Temporal was lost or came too late, completes: Temporal closes a run as
 * Cancelled only after a request.
 *
 * A store whose `onFailure` is `hold` is not undone at once. The run waits at the failed step until an operator continues or
 * aborts the provision (`messages.ts`), or until the hold expires, which aborts it. A cancel or a delete also ends the hold.
 *
 * @throws ApplicationFailure with the failure code of the store when the provision fails.
 * @throws CancelledFailure when the provision was cancelled and undone.
 */
export async function provisionStore(requested: OperationInput): Promise<void> {
  const hold = new Hold(requested.store.engine);
  const tenantSlot = new TenantSlot();
  let input = requested;
  let round = 0;
  const base = () => activityInput(input, 'provision', round);

  // Not cancellable: a run that is cancelled before its first step must still record the cancel.
  const begun = await CancellationScope.nonCancellable(() => records.beginOperation(base()));
  if (begun.kind === 'superseded') return continueAsDelete(input);
  await signalNext(begun.nextInQueue);
  if (begun.kind === 'cancelled') return showStatus('cancelled');
  showStatus('provisioning');

  let nodes: NodeKind | null = null;
  const steps = new StepLog(PROVISION_STEPS, async (progress) => {
    await records.recordProgress({ ...base(), ...progress, nodes });
  });

  async function handleStepFailure(error: unknown): Promise<ContinueDecision> {
    if (isCancellation(error) || input.store.onFailure !== 'hold') throw error;
    const failure = operationFailure(error, steps.current);
    const decision = await hold.decisionAt(steps.current, async () => {
      // Not cancellable: a cancelled write leaves unknown whether it happened. The wait below sees the cancel.
      const { holdSeconds, nextInQueue } = await CancellationScope.nonCancellable(() =>
        records.holdOperation({ ...base(), failure }),
      );
      await signalNext(nextInQueue);
      showStatus('held');
      steps.hold(failure, new Date(Date.now() + holdSeconds * 1_000));
      return holdSeconds;
    });
    const afterHold = await CancellationScope.nonCancellable(() => records.endHold({ ...base(), decision }));
    await signalNext(afterHold.nextInQueue);
    showStatus('provisioning');
    if (decision.kind === 'cancel') throw new CancelledFailure('the provision was cancelled while it was held');
    if (decision.kind === 'abort' || decision.kind === 'expired') throw error;
    round += 1;
    const change = decision.kind === 'continue' ? decision.change : null;
    if (change !== null) input = { ...input, store: withChange(input.store, change) };
    // A new run repeats the steps from the first one, which find what exists. The decision to skip a step can't be repeated.
    if (decision.kind === 'continue' && round >= ROUNDS_A_RUN) throw new ContinueInNewRun();
    // This run has steps to undo, so it waits itself. It may send two requests an hour for months.
    if (afterHold.tenantSlot === 'queued') await waitForTenantSlot(Infinity);
    return decision;
  }

  async function waitForTenantSlot(maxRequests: number): Promise<boolean> {
    steps.note('The provision waits for a tenant slot: the tenant has reached its limit of running provisions.');
    return tenantSlot.acquire(() => records.acquireTenantSlot(base()), maxRequests);
  }

  async function recordUndone(result: UndoneProvision) {
    const undone = outcomeOf(result, steps.current);
    return { undone, ended: await records.endOperation({ ...base(), outcome: undone }) };
  }

  const result = await saga({
    body: async (undo) => {
      if (begun.tenantSlot === 'queued' && !(await waitForTenantSlot(REQUESTS_A_RUN))) {
        if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('the provision was cancelled');
        return null;
      }
      const { reapply = false } = requested;
      return unlessInNewRun(
        provision({ base, reapply, steps, undo, handleStepFailure, onNodes: (seen) => (nodes = seen) }),
      );
    },
    confirm: async (ready) => {
      if (ready === null) return null;
      const ended = await records.endOperation({ ...base(), outcome: { kind: 'ready', ...ready } });
      if (ended.next === 'cancel') throw new CancelledFailure('the provision was cancelled before the store was ready');
      return ended;
    },
    beforeUndo: async (cause) => {
      if (!isCancellation(cause)) await steps.fail(operationFailure(cause, steps.current));
      steps.note(`The provision ${isCancellation(cause) ? 'was cancelled' : 'failed'}. Its steps are being undone.`);
    },
  });

  const { ended, undone } =
    result.kind === 'done'
      ? { ended: result.value, undone: null }
      : await CancellationScope.nonCancellable(() => recordUndone(result));
  if (ended === null) return continueInNewRun({ ...input, ...(round > 0 ? { reapply: true } : {}) });
  await signalNext(ended.nextInQueue);
  if (ended.next === 'delete') return continueAsDelete(input);
  showStatus(undone?.kind ?? 'ready');
  if (undone?.kind === 'failed') throw closingFailure(undone.failure);
  if (undone?.kind !== 'cancelled') return;
  // Without a request to this run, the CancelledFailure would close it as Failed.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('the provision was cancelled and undone');
}
movesToCurrentVersion(provisionStore);

/** The operation continues in a new run, so this run undoes nothing. */
class ContinueInNewRun extends Error {}

/** Returns null when the operation continues in a new run. */
async function unlessInNewRun<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ContinueInNewRun) return null;
    throw error;
  }
}

type UndoneProvision = Extract<SagaResult<unknown>, { readonly kind: 'undone' }>;

/** Returns the outcome of an undone provision: cancelled, or failed when it has a failure or the undo left objects behind. */
function outcomeOf(
  { cause, report: undo }: UndoneProvision,
  step: Step | null,
): Extract<OperationOutcome, { readonly kind: 'failed' | 'cancelled' }> {
  const failure = isCancellation(cause) ? null : operationFailure(cause, step);
  if (undo.leftBehind.length > 0) return { kind: 'failed', failure: undoIncomplete(failure, undo, step), undo };
  return failure === null ? { kind: 'cancelled', step, undo } : { kind: 'failed', failure, undo };
}

interface Provision {
  readonly base: () => ActivityInput;
  /** Whether the release is applied again even if its record is as wanted. */
  readonly reapply: boolean;
  readonly steps: StepLog;
  readonly undo: RegisterUndo;
  /** Handles the failure of a step. Returns the decision to continue; throws when the provision must be undone. */
  readonly handleStepFailure: (error: unknown) => Promise<ContinueDecision>;
  readonly onNodes: (nodes: NodeKind) => void;
}

/**
 * Runs the steps in their order. Each undo is registered before its step acts.
 *
 * @throws CancelledFailure when a cancel was requested before the end of the last step.
 */
async function provision(
  run: Provision,
): Promise<Pick<Extract<OperationOutcome, { kind: 'ready' }>, 'verification' | 'completed'>> {
  const { base, steps, undo, handleStepFailure, onNodes } = run;
  // A store with customer data keeps its namespace: a failed restore undoes only the release.
  if (base().store.hasData !== true) {
    undo('namespace', async () => {
      const { volumes } = await removals.deleteNamespace(base());
      await absence.awaitAbsence({ ...base(), volumes });
    });
  }
  const { nodes } = await retryUntilResolved(handleStepFailure, () =>
    steps.run('prepare-namespace', () => cluster.ensureNamespace(base())),
  );
  onNodes(nodes);
  await retryUntilResolved(handleStepFailure, () => steps.run('ensure-secrets', () => cluster.ensureSecrets(base())));

  undo('release', () => removals.deleteRelease(base()));
  const verified = await install(run, nodes);
  // Before the record says that the store is ready: the mark must not come after a delete that follows at once.
  await markReady(base());

  // A cancel that was requested before this check undoes the store, even after the last step.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('the provision was cancelled after its last step');
  return { verification: verified, completed: steps.lastCompleted() };
}

/** Runs the steps from the release to its verification. To continue after a failure, it reapplies the release. */
async function install({ base, reapply, steps, handleStepFailure }: Provision, nodes: NodeKind): Promise<Verification> {
  async function apply(how: 'install' | 'reapply') {
    const options = how === 'reapply' ? { reapply: true } : {};
    const { revision } = await steps.run('install-release', () => releases.ensureRelease({ ...base(), ...options }));
    const { verification: earlyVerification } = await steps.run(
      'await-ready',
      () => waitUntilReady({ ...base(), revision }, nodes),
      ({ ready }) => ready,
    );
    return { earlyVerification };
  }

  for (let next: 'install' | 'reapply' | 'verify' = reapply ? 'reapply' : 'install'; ;) {
    try {
      const { earlyVerification } = next === 'verify' ? { earlyVerification: null } : await apply(next);
      return await steps.run('verify', () => earlyVerification ?? verification.verifyStore({ ...base(), nodes }));
    } catch (error) {
      const decision = await handleStepFailure(error);
      if (decision.kind === 'skip-verification') return skipVerification(steps);
      next = steps.current === 'verify' && decision.change === null ? 'verify' : 'reapply';
    }
  }
}

/** Returns the store with a change of its overrides. A store without overrides has no such field, as in its record. */
function withChange({ overrides: before, ...store }: StoreTarget, change: OverrideChange): StoreTarget {
  const overrides = mergeOverrides(before ?? null, change);
  return overrides === null ? store : { ...store, overrides };
}

/** Marks the step `verify` as skipped and returns the verification result that the record stores. */
function skipVerification(steps: StepLog): Verification {
  const reason = 'an operator skipped the verification';
  const skipped = { outcome: 'skipped', reason, at: new Date(Date.now()).toISOString() } as const;
  steps.skip(skipped);
  return skipped;
}

/** Repeats a step until it succeeds. @throws the error of `handleStepFailure`, which ends the repetition. */
async function retryUntilResolved<T>(
  handleStepFailure: Provision['handleStepFailure'],
  step: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      await handleStepFailure(error);
    }
  }
}
