import type { Task } from 'graphile-worker';
import type { RunRecords } from '../../../activities/store-records.ts';
import { isOperationRunning, targetOf, type StoreKey, type StoreRequests } from '../../../db/stores.ts';
import { workflowIdOf } from '../../../domain/names.ts';
import type { ActivityInput, OperationFailure } from '../../../domain/operations.ts';
import { PROVISION_STEPS, type ProvisionStep } from '../../../domain/store-state.ts';
import type { ProvisionCluster } from '../shared-cluster.ts';
import { verdictOn, withinLimit } from './attempts.ts';
import { watchCancel, type CancelWatch } from './cancel.ts';
import type { RunState, RunStates } from './run-state.ts';

export interface ProvisionDependencies {
  readonly stores: Pick<StoreRequests, 'get'>;
  readonly records: Pick<RunRecords, 'begin' | 'recordProgress' | 'end'>;
  readonly runs: RunStates;
  /** The cluster for one attempt: its waits end when the signal is aborted. */
  readonly cluster: (signal: AbortSignal) => ProvisionCluster;
  readonly now: () => Date;
}

/** What a step tells its event, and what later steps need to know. */
interface StepResult {
  readonly data: object;
  readonly learnt?: Partial<Pick<RunState, 'nodes' | 'revision' | 'verification'>>;
}

interface Provision {
  readonly input: ActivityInput;
  readonly cancel: CancelWatch;
  state: RunState;
  step: ProvisionStep | null;
}

/**
 * One job makes one store: namespace ▸ secrets ▸ release ▸ ready ▸ verified, each step once, whatever the number of
 * attempts. When that fails for good, or is cancelled, `undo-provision` takes over.
 */
export function createProvisionTask(deps: ProvisionDependencies): Task {
  const { records, runs, now } = deps;

  return async (payload, { job }) => {
    const key = payload as StoreKey; // written by the trigger on `stores`
    const record = await deps.stores.get(key);
    const runId = `job-${job.id}`;
    const state = await runs.load(runId);
    if (record === undefined || state.undoing !== null) return;
    const input: ActivityInput = {
      store: targetOf(record),
      run: { kind: 'provision', workflowId: workflowIdOf(record.id), runId, correlationId: record.correlationId },
    };
    await records.begin(input, now());
    const cancel = watchCancel(async () => {
      const current = await deps.stores.get(key);
      return current !== undefined && current.cancelRequestedAt !== null && isOperationRunning(current);
    });
    const run: Provision = { input, cancel, state, step: null };
    try {
      await provision(run);
    } catch (error) {
      const isLastAttempt = job.attempts >= job.max_attempts;
      const verdict = verdictOn(error, { isCancelled: cancel.signal.aborted, isLastAttempt, step: run.step });
      if (verdict.kind === 'retry') throw error;
      await giveUp(run, verdict.failure, key);
    } finally {
      cancel.stop();
    }
  };

  async function provision(run: Provision): Promise<void> {
    for (const step of PROVISION_STEPS.slice(run.state.completed.length)) {
      const { state, input } = run;
      run.step = step;
      const progress = { completed: state.completed.at(-1) ?? null, started: step, failed: null, nodes: state.nodes };
      await records.recordProgress({ ...input, ...progress }, now());
      run.cancel.signal.throwIfAborted();
      const startedAt = Date.now();
      const { data, learnt } = await withinLimit(step, run.cancel.signal, (signal) =>
        actsOf(deps.cluster(signal), input)[step](state),
      );
      const completed = { step, durationMs: Date.now() - startedAt, data: { ...data } };
      run.state = { ...state, ...learnt, completed: [...state.completed, completed] };
      await runs.save(input.run.runId, run.state);
    }
    await run.cancel.check();
    const completed = run.state.completed.at(-1);
    const { verification } = run.state;
    if (completed === undefined || verification === null) throw new Error('a provision without steps can not end');
    const { next } = await records.end({ ...run.input, outcome: { kind: 'ready', verification, completed } }, now());
    if (next === 'cancel') await run.cancel.check();
  }

  async function giveUp(run: Provision, failure: OperationFailure | null, key: StoreKey): Promise<void> {
    const { input, state, step } = run;
    const { runId } = input.run;
    if (failure !== null) {
      const progress = { completed: null, started: null, failed: failure, nodes: state.nodes };
      await records.recordProgress({ ...input, ...progress }, now());
    }
    await runs.handOver({ runId, ...key }, { ...state, undoing: { failure, step } });
  }
}

function actsOf(
  cluster: ProvisionCluster,
  input: ActivityInput,
): Readonly<Record<ProvisionStep, (state: RunState) => Promise<StepResult>>> {
  return {
    'prepare-namespace': async () => {
      const data = await cluster.ensureNamespace(input);
      return { data, learnt: { nodes: data.nodes } };
    },
    'ensure-secrets': async () => ({ data: await cluster.ensureSecrets(input) }),
    'install-release': async () => {
      const data = await cluster.ensureRelease(input);
      return { data, learnt: { revision: data.revision } };
    },
    'await-ready': async ({ revision }) => ({ data: await cluster.awaitReady({ ...input, revision: revision ?? 0 }) }),
    verify: async ({ nodes }) => {
      const data = await cluster.verifyStore({ ...input, nodes: nodes ?? 'unknown' });
      return { data, learnt: { verification: data } };
    },
  };
}
