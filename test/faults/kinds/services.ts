import { setTimeout as delay } from 'node:timers/promises';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { CallFate, KubeCall } from '../environment/kube-proxy.ts';

const MINUTE_MS = 60_000;

function serviceKinds(name: 'postgres' | 'temporal', displayName: string, longMs: number): readonly FaultKind[] {
  return [
    {
      kind: `${name}-restart`,
      title: `${displayName} crashes and comes back at once`,
      inject: (context) => crash(context, name, 0),
    },
    {
      kind: `${name}-away`,
      title: `${displayName} crashes and stays away for ${longMs / 1_000} s`,
      inject: (context) => crash(context, name, context.away(longMs)),
    },
  ];
}

async function crash(context: FaultContext, name: 'postgres' | 'temporal', awayMs: number): Promise<void> {
  await context.watch.awaitBusy();
  await context.environment.services[name].crash();
  await delay(awayMs);
  await context.environment.services[name].start();
  context.markHealed();
}

/** Part of the calls that a sick API server treats badly. */
const SICK_PART = 0.2;

function clusterKind(
  kind: string,
  title: string,
  fateOf: (call: KubeCall, context: FaultContext) => CallFate,
): FaultKind {
  return {
    kind,
    title,
    inject: async (context) => {
      const { environment, watch, markHealed } = context;
      await watch.awaitBusy();
      for (const worker of environment.workers) worker.cluster.setFate((call) => fateOf(call, context));
      await delay(context.away(MINUTE_MS));
      for (const worker of environment.workers) worker.cluster.setFate(undefined);
      markHealed();
    },
  };
}

function sometimes(fate: CallFate) {
  return (_call: KubeCall, { random }: FaultContext): CallFate =>
    random.chance(SICK_PART) ? fate : { kind: 'passed' };
}

const SLOW_MS = 250;

const slowNetwork: FaultKind = {
  kind: 'slow-network',
  title: `Every packet to Postgres and Temporal and every call of the cluster takes ${SLOW_MS} ms longer`,
  inject: async ({ environment, away, markHealed }) => {
    const links = [...Object.values(environment.workerLinks), ...Object.values(environment.api.links)];
    for (const link of links) link.setMode({ kind: 'slow', delayMs: SLOW_MS });
    for (const worker of environment.workers) worker.cluster.setFate(() => ({ kind: 'passed', delayMs: SLOW_MS }));
    await delay(away(MINUTE_MS));
    for (const link of links) link.setMode({ kind: 'open' });
    for (const worker of environment.workers) worker.cluster.setFate(undefined);
    markHealed();
  },
};

const cutOff: FaultKind = {
  kind: 'worker-cut-off',
  title: 'Workers reach neither Postgres nor Temporal: nothing is refused, nothing is answered, for 60 s',
  inject: async ({ environment, watch, away, markHealed }) => {
    await watch.awaitBusy();
    for (const link of Object.values(environment.workerLinks)) link.setMode({ kind: 'hanging' });
    await delay(away(MINUTE_MS));
    for (const link of Object.values(environment.workerLinks)) link.setMode({ kind: 'open' });
    markHealed();
  },
};

export const SERVICE_KINDS: readonly FaultKind[] = [
  ...serviceKinds('postgres', 'Postgres', MINUTE_MS),
  ...serviceKinds('temporal', 'Temporal', 2 * MINUTE_MS),
  clusterKind('cluster-away', 'The Kubernetes API refuses connections for 60 s', () => ({ kind: 'refused' })),
  clusterKind('cluster-hangs', 'The Kubernetes API takes calls and never answers, for 60 s', () => ({
    kind: 'hanging',
  })),
  clusterKind(
    'cluster-throttles',
    'The Kubernetes API answers 429 to 20 % of calls',
    sometimes({ kind: 'answered', status: 429 }),
  ),
  clusterKind(
    'cluster-errs',
    'The Kubernetes API answers 500 to 20 % of calls',
    sometimes({ kind: 'answered', status: 500 }),
  ),
  clusterKind(
    'cluster-loses-answers',
    'The Kubernetes API does 20 % of the writes and its answer is lost',
    (call, context) => (call.isWrite && context.random.chance(SICK_PART) ? { kind: 'unheard' } : { kind: 'passed' }),
  ),
  slowNetwork,
  cutOff,
];
