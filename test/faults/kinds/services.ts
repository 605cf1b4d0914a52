import { setTimeout as delay } from 'node:timers/promises';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { CallBehavior, KubeCall } from '../environment/kube-proxy.ts';

const MINUTE_MS = 60_000;

function serviceKinds(name: 'postgres' | 'temporal', displayName: string, longMs: number): readonly FaultKind[] {
  return [
    {
      kind: `${name}-restart`,
      title: `${displayName} crashes and is restarted at once`,
      inject: (context) => crash(context, name, 0),
    },
    {
      kind: `${name}-outage`,
      title: `${displayName} crashes and is restarted after ${longMs / 1_000} s`,
      inject: (context) => crash(context, name, context.outageMs(longMs)),
    },
  ];
}

async function crash(context: FaultContext, name: 'postgres' | 'temporal', downMs: number): Promise<void> {
  await context.watch.awaitBusy();
  await context.environment.services[name].crash();
  await delay(downMs);
  await context.environment.services[name].start();
  context.markHealed();
}

/** Fraction of the calls that get the fault. */
const FAULTY_FRACTION = 0.2;

function clusterKind(
  kind: string,
  title: string,
  behaviorOf: (call: KubeCall, context: FaultContext) => CallBehavior,
  longMs = MINUTE_MS,
): FaultKind {
  return {
    kind,
    title,
    inject: async (context) => {
      const { environment, watch, markHealed } = context;
      await watch.awaitBusy();
      for (const worker of environment.workers) worker.cluster.setBehavior((call) => behaviorOf(call, context));
      await delay(context.outageMs(longMs));
      for (const worker of environment.workers) worker.cluster.setBehavior(undefined);
      markHealed();
    },
  };
}

function sometimes(behavior: CallBehavior) {
  return (_call: KubeCall, { random }: FaultContext): CallBehavior =>
    random.chance(FAULTY_FRACTION) ? behavior : { kind: 'forwarded' };
}

/** Time in which the API server is wrong about the credentials, as after a restart of its authenticator or a changed role. */
const REFUSAL_MS = 30_000;

function refusalKind(status: 401 | 403 | 410): FaultKind {
  const title = `The Kubernetes API responds with ${status} to all calls for ${REFUSAL_MS / 1_000} s`;
  return clusterKind(`cluster-answers-${status}`, title, () => ({ kind: 'error', status }), REFUSAL_MS);
}

const ROTATION_MS = 20_000;

const credentialsRotated: FaultKind = {
  kind: 'credentials-rotated',
  title: `The token of the workers is revoked, and ${ROTATION_MS / 1_000} s later their kubeconfigs get a new one`,
  setUp: async ({ environment, runName }) => {
    for (const worker of environment.workers) {
      worker.useToken(`${runName}-old`);
      worker.cluster.requireToken(`${runName}-old`);
    }
  },
  inject: async ({ environment, watch, runName, outageMs, markHealed }) => {
    await watch.awaitBusy();
    for (const worker of environment.workers) worker.cluster.requireToken(`${runName}-new`);
    await delay(outageMs(ROTATION_MS));
    for (const worker of environment.workers) worker.useToken(`${runName}-new`);
    markHealed();
  },
};

const SLOW_MS = 250;

const slowNetwork: FaultKind = {
  kind: 'slow-network',
  title: `Each packet to and from Postgres and Temporal, and each call to the Kubernetes API, is delayed by ${SLOW_MS} ms`,
  inject: async ({ environment, outageMs, markHealed }) => {
    const links = [...Object.values(environment.workerLinks), ...Object.values(environment.api.links)];
    for (const link of links) link.setMode({ kind: 'slow', delayMs: SLOW_MS });
    for (const worker of environment.workers)
      worker.cluster.setBehavior(() => ({ kind: 'forwarded', delayMs: SLOW_MS }));
    await delay(outageMs(MINUTE_MS));
    for (const link of links) link.setMode({ kind: 'open' });
    for (const worker of environment.workers) worker.cluster.setBehavior(undefined);
    markHealed();
  },
};

const workerCutOff: FaultKind = {
  kind: 'worker-cut-off',
  title: 'Connections from the workers to Postgres and Temporal stay open, but all bytes are dropped, for 60 s',
  inject: async ({ environment, watch, outageMs, markHealed }) => {
    await watch.awaitBusy();
    for (const link of Object.values(environment.workerLinks)) link.setMode({ kind: 'hanging' });
    await delay(outageMs(MINUTE_MS));
    for (const link of Object.values(environment.workerLinks)) link.setMode({ kind: 'open' });
    markHealed();
  },
};

export const SERVICE_KINDS: readonly FaultKind[] = [
  ...serviceKinds('postgres', 'Postgres', MINUTE_MS),
  ...serviceKinds('temporal', 'Temporal', 2 * MINUTE_MS),
  clusterKind('cluster-outage', 'The Kubernetes API refuses connections for 60 s', () => ({ kind: 'refused' })),
  clusterKind('cluster-hangs', 'The Kubernetes API accepts calls and never responds, for 60 s', () => ({
    kind: 'hanging',
  })),
  clusterKind(
    'cluster-throttles',
    'The Kubernetes API responds with 429 to 20 % of the calls',
    sometimes({ kind: 'error', status: 429 }),
  ),
  clusterKind(
    'cluster-errors',
    'The Kubernetes API responds with 500 to 20 % of the calls',
    sometimes({ kind: 'error', status: 500 }),
  ),
  clusterKind(
    'cluster-loses-responses',
    'The response to 20 % of the writes to the Kubernetes API is lost',
    (call, context) =>
      call.isWrite && context.random.chance(FAULTY_FRACTION) ? { kind: 'responseLost' } : { kind: 'forwarded' },
  ),
  refusalKind(401),
  refusalKind(403),
  refusalKind(410),
  credentialsRotated,
  slowNetwork,
  workerCutOff,
];
