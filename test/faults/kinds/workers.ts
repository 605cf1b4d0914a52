import { setTimeout as delay } from 'node:timers/promises';
import type { Activities } from '../../../activities/index.ts';
import { eventually } from '../../harness/eventually.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { TriggeredFaultPoint, FaultPoint } from '../environment/fault-points.ts';
import type { Step } from '../../../domain/operations/catalogue.ts';

const TRIGGER_DEADLINE_MS = 90_000;
/** Kubernetes restarts a container after about this time. */
const REPLACED_AFTER_MS = 1_000;

/** The activity of each step, and how long it runs at least when no fault occurs. */
const STEPS = {
  'prepare-namespace': { activity: 'ensureNamespace', operation: 'provision', durationMs: 60 },
  'ensure-secrets': { activity: 'ensureSecrets', operation: 'provision', durationMs: 10 },
  'install-release': { activity: 'ensureRelease', operation: 'provision', durationMs: 900 },
  'await-ready': { activity: 'awaitReady', operation: 'provision', durationMs: 300 },
  verify: { activity: 'verifyStore', operation: 'provision', durationMs: 0 },
  'uninstall-release': { activity: 'deleteRelease', operation: 'delete', durationMs: 500 },
  'delete-namespace': { activity: 'deleteNamespace', operation: 'delete', durationMs: 10 },
  'await-absence': { activity: 'awaitAbsence', operation: 'delete', durationMs: 500 },
} as const satisfies Partial<
  Record<Step, { activity: keyof Activities; operation: FaultPoint['operation']; durationMs: number }>
>;
type KillStep = keyof typeof STEPS;

function killIn(step: KillStep): FaultKind {
  const { activity, operation, durationMs } = STEPS[step];
  return {
    kind: `kill-worker-in-${step}`,
    title: `SIGKILL of the worker during the step ${step}`,
    ...(operation === 'delete' ? { traffic: { scenarios: ['deleted', 'deletedEarly'] } } : {}),
    inject: async (context) => {
      const afterMs = context.random.int(0, durationMs);
      context.environment.faultPoints.set('kill', {
        activity,
        operation,
        moment: 'during',
        afterMs,
        signal: 'SIGKILL',
      });
      const { pid } = await awaitTriggered(context, 'kill');
      context.markHealed();
      await replace(context, pid);
    },
  };
}

/** Waits until a worker triggers the fault point. */
async function awaitTriggered({ environment }: FaultContext, id: string): Promise<TriggeredFaultPoint> {
  return eventually(() => environment.faultPoints.triggered(id), { deadlineMs: TRIGGER_DEADLINE_MS, intervalMs: 10 });
}

async function replace({ environment }: FaultContext, pid: number): Promise<void> {
  await delay(REPLACED_AFTER_MS);
  await environment.workers.find((worker) => worker.pid() === pid)?.ensureAlive();
}

/** Longer than the heartbeat timeout of 15 s, so that another worker has taken the activity. */
const PAUSE_MS = 20_000;

const zombie: FaultKind = {
  kind: 'zombie-worker',
  title: 'SIGSTOP of a worker for longer than the heartbeat timeout, then SIGCONT',
  inject: async (context) => {
    const { environment, random } = context;
    const afterMs = random.int(0, STEPS['install-release'].durationMs);
    environment.faultPoints.set('stop', { activity: 'ensureRelease', moment: 'during', afterMs, signal: 'SIGSTOP' });
    const { pid } = await awaitTriggered(context, 'stop');
    context.markHealed();
    await delay(PAUSE_MS);
    environment.workers.find((worker) => worker.pid() === pid)?.signal('SIGCONT');
  },
};

const killHelm: FaultKind = {
  kind: 'kill-helm',
  title: 'SIGKILL of the Helm process only: its lock remains on the release',
  inject: async ({ environment, random, markHealed }) => {
    environment.helm.killNext(random.int(50, 700));
    await eventually(() => environment.helm.hasKilled(), { deadlineMs: TRIGGER_DEADLINE_MS });
    markHealed();
  },
};

const duplicateDeliveries: FaultKind = {
  kind: 'duplicate-deliveries',
  title: 'Every activity runs twice, and creates are sent up to four times at the same time',
  setUp: async ({ environment }) => {
    for (const worker of environment.workers) {
      await worker.kill('SIGTERM');
      await worker.start({ env: { FAULT_RUN_ACTIVITIES_TWICE: '1' } });
    }
  },
  inject: ({ trafficDone }) => trafficDone,
};

export const WORKER_KINDS: readonly FaultKind[] = [
  // The type of Object.keys is string[].
  ...(Object.keys(STEPS) as KillStep[]).map(killIn),
  killHelm,
  zombie,
  duplicateDeliveries,
];
