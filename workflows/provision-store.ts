import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import { mergeOverrides } from '../domain/store/overrides.ts';
import type { NodeKind, Verification } from '../domain/store/store.ts';
import { waitUntilReady } from './operation/wait-until-ready.ts';
import { Hold, type ContinueDecision } from './operation/hold.ts';
import {
  absence,
  activityInput,
  cluster,
  continueAsDelete,
  releases,
  removals,
  showStatus,
  verification,
} from './operation/activities.ts';
import { closingFailure, operationFailure, undoIncomplete } from './operation/operation-failure.ts';
import { records } from './operation/record-writes.ts';
import { saga, type RegisterUndo, type SagaResult } from './operation/saga.ts';
import { StepLog } from './operation/step-log.ts';
import { TenantSlot } from './operation/tenant-slot.ts';
import { PROVISION_STEPS, type Step } from '../domain/operations/catalogue.ts';
import type { ActivityInput, OperationInput } from '../domain/operations/inputs.ts';
import type { OperationOutcome } from '../domain/operations/outcomes.ts';

/**
 * Makes a store: namespace ▸ secrets ▸ release ▸ ready ▸ verified. Workflow id `store/<storeId>`.
 *
 * A failure or a requested cancel undoes every step, newest first, then writes how it ended; the run closes as Failed
 * or Cancelled. When a delete was asked for meanwhile, the run continues as that delete instead. A store whose
 * `onFailure` is `hold` is not undone at once: the run waits at the step that failed, until an operator resumes or aborts
 * it (`messages.ts`) or the time for that is over, which aborts it. A cancel or delete ends the wait, too.
 */
export async function provisionStore(requested: OperationInput): Promise<void> {
  const hold = new Hold(requested.store.engine);
  const turn = new TenantSlot();
  let input = requested;
  let round = 0;
  const base = () => activityInput(input, 'provision', round);

  // Not cancellable: a run that is cancelled before it began must still write that it was.
  const begun = await CancellationScope.nonCancellable(() => records.beginOperation(base()));
  if (begun.kind === 'superseded') return continueAsDelete(input);
  showStatus('provisioning');

  let nodes: NodeKind | null = null;
  const steps = new StepLog(PROVISION_STEPS, async (progress) => {
    await records.recordProgress({ ...base(), ...progress, nodes });
  });

  async function handleStepFailure(error: unknown): Promise<ContinueDecision> {
    if (isCancellation(error) || input.store.onFailure !== 'hold') throw error;
    const failure = operationFailure(error, steps.current);
    const decision = await hold.decisionAt(steps.current, async () => {
      // Not cancellable: what is half written can't be told from what is not, and a cancel is seen right after.
      const { holdSeconds } = await CancellationScope.nonCancellable(() =>
        records.holdOperation({ ...base(), failure }),
      );
      showStatus('held');
      steps.hold(failure, new Date(Date.now() + holdSeconds * 1_000));
      return holdSeconds;
    });
    await CancellationScope.nonCancellable(() => records.endHold({ ...base(), decision }));
    showStatus('provisioning');
    if (decision.kind === 'cancel') throw new CancelledFailure('cancelled while it was held');
    if (decision.kind === 'abort' || decision.kind === 'expired') throw error;
    round += 1;
    const change = decision.kind === 'continue' ? decision.change : null;
    if (change !== null) {
      input = { ...input, store: { ...input.store, overrides: mergeOverrides(input.store.overrides ?? {}, change) } };
    }
    return decision;
  }

  async function endUndone(undo: Undone) {
    const undone = outcomeOf(undo, steps.current);
    return { undone, ended: await records.endOperation({ ...base(), outcome: undone }) };
  }

  const result = await saga({
    body: async (undo) => {
      if (begun.tenantSlot === 'queued') {
        steps.note("waits for its turn among the tenant's provisions");
        await turn.acquire(() => records.acquireTenantSlot(base()));
      }
      return provision({ base, steps, undo, handleStepFailure, onNodes: (seen) => (nodes = seen) });
    },
    confirm: async (proof) => {
      const ended = await records.endOperation({ ...base(), outcome: { kind: 'ready', ...proof } });
      if (ended.next === 'cancel') throw new CancelledFailure('cancelled before it was ready');
      return ended;
    },
    beforeUndo: async (cause) => {
      if (!isCancellation(cause)) await steps.fail(operationFailure(cause, steps.current));
      steps.note(isCancellation(cause) ? 'cancelled: undoing' : 'failed: undoing');
    },
  });

  const { ended, undone } = await CancellationScope.nonCancellable(async () => {
    const end = result.kind === 'done' ? { ended: result.value, undone: null } : await endUndone(result);
    await turn.release(end.ended.nextInQueue);
    return end;
  });
  if (ended.next === 'delete') return continueAsDelete(input);
  showStatus(undone?.kind ?? 'ready');
  if (undone?.kind === 'failed') throw closingFailure(undone.failure);
  if (undone?.kind === 'cancelled') throw new CancelledFailure('provision cancelled; nothing is left of it');
}

type Undone = Extract<SagaResult<unknown>, { readonly kind: 'undone' }>;

/** How a provision ends that was undone. */
function outcomeOf(
  { cause, report: undo }: Undone,
  step: Step | null,
): Extract<OperationOutcome, { readonly kind: 'failed' | 'cancelled' }> {
  const failure = isCancellation(cause) ? null : operationFailure(cause, step);
  if (undo.leftBehind.length > 0) return { kind: 'failed', failure: undoIncomplete(failure, undo, step), undo };
  return failure === null ? { kind: 'cancelled', step, undo } : { kind: 'failed', failure, undo };
}

interface Provision {
  readonly base: () => ActivityInput;
  readonly steps: StepLog;
  readonly undo: RegisterUndo;
  /** Decides about the failure of a step: returns how to go on, or throws. */
  readonly handleStepFailure: (error: unknown) => Promise<ContinueDecision>;
  readonly onNodes: (nodes: NodeKind) => void;
}

/** The steps, in their order, each with its undo registered before it acts. */
async function provision(
  run: Provision,
): Promise<Pick<Extract<OperationOutcome, { kind: 'ready' }>, 'verification' | 'completed'>> {
  const { base, steps, undo, handleStepFailure: park, onNodes } = run;
  // What a store has sold is not ours to remove: of a store that comes back only the release is undone.
  if (base().store.hasData !== true) {
    undo('namespace', async () => {
      await removals.deleteNamespace(base());
      await absence.awaitAbsence(base());
    });
  }
  const { nodes } = await retryUntilResolved(park, () =>
    steps.run('prepare-namespace', () => cluster.ensureNamespace(base())),
  );
  onNodes(nodes);
  await retryUntilResolved(park, () => steps.run('ensure-secrets', () => cluster.ensureSecrets(base())));

  undo('release', () => removals.deleteRelease(base()));
  const proof = await install(run, nodes);

  // The last moment at which a cancel is honoured: what was asked for before the store is declared ready, counts.
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled after the last step');
  return { verification: proof, completed: steps.lastCompleted() };
}

/** From the release to the proof that it sells. What failed is made anew by applying the release once more. */
async function install({ base, steps, handleStepFailure: park }: Provision, nodes: NodeKind): Promise<Verification> {
  async function apply(how: 'install' | 'renew') {
    const options = how === 'renew' ? { reapply: true } : {};
    const { revision } = await steps.run('install-release', () => releases.ensureRelease({ ...base(), ...options }));
    const { verification: proof } = await steps.run(
      'await-ready',
      () => waitUntilReady({ ...base(), revision }, nodes),
      ({ ready }) => ready,
    );
    return { proof };
  }

  for (let next: 'install' | 'renew' | 'verify' = 'install'; ;) {
    try {
      const { proof } = next === 'verify' ? { proof: null } : await apply(next);
      return await steps.run('verify', () => proof ?? verification.verifyStore({ ...base(), nodes }));
    } catch (error) {
      const decision = await park(error);
      if (decision.kind === 'skip-verification') return skipVerification(steps);
      next = steps.current === 'verify' && decision.change === null ? 'verify' : 'renew';
    }
  }
}

function skipVerification(steps: StepLog): Verification {
  const reason = 'an operator skipped the verification';
  const skipped = { outcome: 'skipped', reason, at: new Date(Date.now()).toISOString() } as const;
  steps.skip(skipped);
  return skipped;
}

async function retryUntilResolved<T>(park: Provision['handleStepFailure'], step: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      await park(error);
    }
  }
}
