import type { Task } from 'graphile-worker';
import { targetOf } from '../../../db/stores.ts';
import { workflowIdOf } from '../../../domain/names.ts';
import type { ActivityInput, OperationFailure, OperationOutcome, UndoReport } from '../../../domain/operations.ts';
import type { ProvisionCluster } from '../shared-cluster.ts';
import { withinLimit } from './attempts.ts';
import type { ProvisionDependencies } from './provision-task.ts';
import type { RunState, UndoJob } from './run-state.ts';

interface Undo {
  readonly name: string;
  readonly undo: (cluster: ProvisionCluster, input: ActivityInput) => Promise<unknown>;
}

/** Undoes a provision, newest step first. One that fails never stops the others; all are tried again until the last attempt. */
export function createUndoTask({ stores, records, runs, cluster, now }: ProvisionDependencies): Task {
  return async (payload, { job }) => {
    const { runId, ...key } = payload as UndoJob; // written by `handOver`
    const record = await stores.get(key);
    let state = await runs.load(runId);
    if (record === undefined || state.undoing === null) return;
    const input: ActivityInput = {
      store: targetOf(record),
      run: { kind: 'provision', workflowId: workflowIdOf(record.id), runId, correlationId: record.correlationId },
    };
    const problems: unknown[] = [];
    const leftBehind: string[] = [];
    const nothingCancels = new AbortController().signal;
    for (const { name, undo } of undosOf(state)) {
      if (state.undone.includes(name)) continue;
      try {
        await withinLimit('undo', nothingCancels, (signal) => undo(cluster(signal), input));
        state = { ...state, undone: [...state.undone, name] };
        await runs.save(runId, state);
      } catch (error) {
        problems.push(error);
        leftBehind.push(name);
      }
    }
    if (problems.length > 0 && job.attempts < job.max_attempts) throw new AggregateError(problems, 'undo failed');
    await records.end({ ...input, outcome: outcomeOf(state, { undone: state.undone, leftBehind }) }, now());
  };
}

const UNDO_NAMESPACE: Undo = {
  name: 'namespace',
  undo: async (cluster, input) => {
    await cluster.deleteNamespace(input);
    await cluster.awaitAbsence(input);
  },
};
const UNDO_RELEASE: Undo = { name: 'release', undo: (cluster, input) => cluster.deleteRelease(input) };

/** What may have been made, newest first: a step that failed half-way is undone too. */
function undosOf({ completed }: RunState): readonly Undo[] {
  const isReleaseBegun = completed.some(({ step }) => step === 'ensure-secrets');
  return isReleaseBegun ? [UNDO_RELEASE, UNDO_NAMESPACE] : [UNDO_NAMESPACE];
}

function outcomeOf({ undoing }: RunState, undo: UndoReport): OperationOutcome {
  const { failure, step } = undoing ?? { failure: null, step: null };
  if (undo.leftBehind.length > 0) {
    const incomplete: OperationFailure = {
      code: 'UNDO_INCOMPLETE',
      message: `Could not clean up (${undo.leftBehind.join(', ')}) after ${failure?.message ?? 'it was cancelled'}`,
      step,
      evidence: { ...failure?.evidence, leftovers: undo.leftBehind },
    };
    return { kind: 'failed', failure: incomplete, undo };
  }
  return failure === null ? { kind: 'cancelled', step, undo } : { kind: 'failed', failure, undo };
}
