import { setTimeout as delay } from 'node:timers/promises';
import type { Activities } from '../../../activities/index.ts';
import { eventually } from '../../harness/eventually.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { TriggeredFaultPoint, FaultPoint } from '../environment/fault-points.ts';
import type { Step } from '../../../domain/operations/catalogue.ts';

const SPRING_DEADLINE_MS = 90_000;
/** Kubernetes restarts a container after about that time. */
const REPLACED_AFTER_MS = 1_000;

/** The activity of each step, and how long it runs, at least, when nothing disturbs it. */
const STEPS = {
  'prepare-namespace': { activity: 'ensureNamespace', operation: 'provision', lastsMs: 60 },
  'ensure-secrets': { activity: 'ensureSecrets', operation: 'provision', lastsMs: 10 },
  'install-release': { activity: 'ensureRelease', operation: 'provision', lastsMs: 900 },
  'await-ready': { activity: 'awaitReady', operation: 'provision', lastsMs: 300 },
  verify: { activity: 'verifyStore', operation: 'provision', lastsMs: 0 },
  'uninstall-release': { activity: 'deleteRelease', operation: 'delete', lastsMs: 500 },
  'delete-namespace': { activity: 'deleteNamespace', operation: 'delete', lastsMs: 10 },
  'await-absence': { activity: 'awaitAbsence', operation: 'delete', lastsMs: 500 },
} as const satisfies Partial<
  Record<Step, { activity: keyof Activities; operation: FaultPoint['operation']; lastsMs: number }>
>;
type KillStep = keyof typeof STEPS;

function killIn(step: KillStep): FaultKind {
  const { activity, operation, lastsMs } = STEPS[step];
  return {
    kind: `kill-worker-in-${step}`,
    title: `SIGKILL of the worker in ${step}`,
    ...(operation === 'delete' ? { traffic: { lifecycles: ['deleted', 'deletedEarly'] } } : {}),
    inject: async (context) => {
      const afterMs = context.random.int(0, lastsMs);
      context.environment.faultPoints.set('kill', {
        activity,
        operation,
        moment: 'during',
        afterMs,
        signal: 'SIGKILL',
      });
      const { pid } = await triggered(context, 'kill');
      context.markHealed();
      await replace(context, pid);
    },
  };
}

async function triggered({ environment }: FaultContext, id: string): Promise<TriggeredFaultPoint> {
  return eventually(() => environment.faultPoints.triggered(id), { deadlineMs: SPRING_DEADLINE_MS, intervalMs: 10 });
}

async function replace({ environment }: FaultContext, pid: number): Promise<void> {
  await delay(REPLACED_AFTER_MS);
  await environment.workers.find((worker) => worker.pid() === pid)?.ensureAlive();
}

/** Past the heartbeat time-out of 15 s: by then another worker has taken over. */
const PAUSE_MS = 20_000;

const zombie: FaultKind = {
  kind: 'zombie-worker',
  title: 'SIGSTOP of a worker past its heartbeat, then SIGCONT',
  inject: async (context) => {
    const { environment, random } = context;
    const afterMs = random.int(0, STEPS['install-release'].lastsMs);
    environment.faultPoints.set('stop', { activity: 'ensureRelease', moment: 'during', afterMs, signal: 'SIGSTOP' });
    const { pid } = await triggered(context, 'stop');
    context.markHealed();
    await delay(PAUSE_MS);
    environment.workers.find((worker) => worker.pid() === pid)?.signal('SIGCONT');
  },
};

const killHelm: FaultKind = {
  kind: 'kill-helm',
  title: 'SIGKILL of Helm alone: its lock stays on the release',
  inject: async ({ environment, random, markHealed }) => {
    environment.helm.killNext(random.int(50, 700));
    await eventually(() => environment.helm.hasKilled(), { deadlineMs: SPRING_DEADLINE_MS });
    markHealed();
  },
};

const twice: FaultKind = {
  kind: 'duplicate-deliveries',
  title: 'Every activity runs twice, and creates are sent up to four times at once',
  setUp: async ({ environment }) => {
    for (const worker of environment.workers) {
      await worker.kill('SIGTERM');
      await worker.start({ env: { FAULTS_TWICE: '1' } });
    }
  },
  inject: ({ trafficDone }) => trafficDone,
};

export const WORKER_KINDS: readonly FaultKind[] = [
  // Object.keys forgets that these are the steps.
  ...(Object.keys(STEPS) as KillStep[]).map(killIn),
  killHelm,
  zombie,
  twice,
];
