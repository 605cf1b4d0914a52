import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { OperationInput, OperationOutcome } from '../domain/operations.ts';
import { PROVISION_STEPS } from '../domain/store-state.ts';
import type { NodeKind, Verification } from '../domain/store.ts';
import {
  activityInput,
  cluster,
  continueAsDelete,
  readiness,
  records,
  releases,
  removals,
  showStatus,
} from './operation.ts';
import { closingFailure, operationFailure, undoIncomplete } from './operation-failure.ts';
import { saga, type RegisterUndo } from './saga.ts';
import { StepLog } from './step-log.ts';

/**
 * Makes a store: namespace ▸ secrets ▸ release ▸ ready ▸ verified. Workflow id `store/<storeId>`.
 *
 * A failure or a requested cancel undoes every step, newest first, then writes how it ended; the run closes as Failed
 * or Cancelled. When a delete was asked for meanwhile, the run continues as that delete instead.
 */
export async function provisionStore(input: OperationInput): Promise<void> {
  const base = activityInput(input, 'provision');
  // Not cancellable: a run that is cancelled before it began must still write that it was.
  const begun = await CancellationScope.nonCancellable(() => records.beginOperation(base));
  if (begun.kind === 'superseded') return continueAsDelete(input);
  showStatus('provisioning');

  let nodes: NodeKind | null = null;
  const steps = new StepLog(PROVISION_STEPS, async (progress) => {
    await records.recordProgress({ ...base, ...progress, nodes });
  });

  const result = await saga(
    (undo) => provision({ input, steps, undo, onNodes: (seen) => (nodes = seen) }),
    async (cause) => {
      if (!isCancellation(cause)) await steps.fail(operationFailure(cause, steps.current));
      steps.note(isCancellation(cause) ? 'cancelled: undoing' : 'failed: undoing');
    },
  );

  const outcome = ((): OperationOutcome => {
    if (result.kind === 'done') return { kind: 'ready', ...result.value };
    const undo = result.report;
    const step = steps.current;
    const failure = isCancellation(result.cause) ? null : operationFailure(result.cause, step);
    if (undo.leftBehind.length > 0) return { kind: 'failed', failure: undoIncomplete(failure, undo, step), undo };
    return failure === null ? { kind: 'cancelled', step, undo } : { kind: 'failed', failure, undo };
  })();

  const { next } = await CancellationScope.nonCancellable(() => records.endOperation({ ...base, outcome }));
  if (next === 'delete') return continueAsDelete(input);
  showStatus(outcome.kind);
  if (outcome.kind === 'failed') throw closingFailure(outcome.failure);
  if (outcome.kind === 'cancelled') throw new CancelledFailure('provision cancelled; nothing is left of it');
}

/** The steps, in their order, each with its undo registered before it acts. */
async function provision({
  input,
  steps,
  undo,
  onNodes,
}: {
  readonly input: OperationInput;
  readonly steps: StepLog;
  readonly undo: RegisterUndo;
  readonly onNodes: (nodes: NodeKind) => void;
}): Promise<Pick<Extract<OperationOutcome, { kind: 'ready' }>, 'verification' | 'completed'>> {
  const base = activityInput(input, 'provision');

  undo('namespace', async () => {
    await removals.deleteNamespace(base);
    await removals.awaitAbsence(base);
  });
  const { nodes } = await steps.run('prepare-namespace', () => cluster.ensureNamespace(base));
  onNodes(nodes);
  await steps.run('ensure-secrets', () => cluster.ensureSecrets(base));

  undo('release', () => removals.deleteRelease(base));
  const { revision } = await steps.run('install-release', () => releases.ensureRelease(base));
  await steps.run('await-ready', () => readiness.awaitReady({ ...base, revision }));
  const verification: Verification = await steps.run('verify', () => cluster.verifyStore({ ...base, nodes }));

  // The last moment at which a cancel is honoured: what was asked for before the store is declared ready, counts.
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled after the last step');
  return { verification, completed: steps.lastCompleted() };
}
