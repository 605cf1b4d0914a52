import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { workflowIdOf } from '../../../domain/names.ts';
import { eventually } from '../../harness/eventually.ts';
import { violation, type Violation } from '../checks/violation.ts';
import { openTcpProxy, type TcpProxy } from '../environment/tcp-proxy.ts';
import { throughLinks } from '../environment/through-links.ts';
import type { WorkerSlot } from '../environment/worker-slot.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';

/** Another worker must continue an activity within the heartbeat timeout of 15 s and 10 s for everything else. */
const TAKEOVER_LIMIT_SECONDS = 25;
const BUSY_DEADLINE_MS = 60_000;
const POLL_MS = 250;
/** Longer than the connections of a lost machine live, so that a task which Temporal still gives to it is seen. */
const OBSERVED_MS = 90_000;

/** The links of one machine. Other workers do not use them. */
interface Machine {
  readonly worker: WorkerSlot;
  /** Drops all packets in both directions from now on. No connection is closed. */
  cutOff(): void;
  close(): Promise<void>;
}

/** Restarts a worker so that all of its connections go through links of its own. */
async function moveToOwnMachine({ environment, random }: FaultContext): Promise<Machine> {
  const worker = random.pick(environment.workers);
  const { env, folder } = environment;
  const temporal = await openTcpProxy(Number((env['TEMPORAL_ADDRESS'] ?? '').split(':')[1]));
  const postgres = await openTcpProxy(Number(new URL(env['DATABASE_URL'] ?? '').port));
  const cluster = await openTcpProxy(worker.cluster.port);
  const links: readonly TcpProxy[] = [temporal, postgres, cluster];
  const kubeconfig = join(folder, 'lost-machine.kubeconfig');
  const original = readFileSync(join(folder, `worker-${worker.index}.kubeconfig`), 'utf8');
  const moved = original.replaceAll(`127.0.0.1:${worker.cluster.port}`, `127.0.0.1:${cluster.port}`);
  writeFileSync(kubeconfig, moved, { mode: 0o600 });
  await worker.kill('SIGTERM');
  await worker.start({ env: { ...throughLinks(env, { postgres, temporal }), KUBECONFIG: kubeconfig } });
  return {
    worker,
    cutOff: () => {
      for (const link of links) link.setMode({ kind: 'hanging' });
    },
    close: async () => {
      for (const link of links) await link.close();
    },
  };
}

interface RunningActivity {
  readonly key: string;
  readonly startedAtMs: number;
  /** Process id of the worker that runs the current attempt. */
  readonly pid: number;
}

/** Lists the activities that run now. Local activities have no record in Temporal. */
async function listActivities({ environment, watch }: FaultContext): Promise<readonly RunningActivity[]> {
  const busy = watch.stores().filter(({ isBusy, runId }) => isBusy && runId !== null);
  const runs = await Promise.all(
    busy.map(async ({ id }) => {
      const workflowId = workflowIdOf(id);
      const { raw } = await environment.temporal.workflow.getHandle(workflowId).describe();
      const runId = raw.workflowExecutionInfo?.execution?.runId ?? '';
      return (raw.pendingActivities ?? []).map((activity) => ({ ...activity, run: `${workflowId} ${runId}` }));
    }),
  );
  return runs.flat().flatMap(({ run, activityId, activityType, lastStartedTime, lastWorkerIdentity }) => {
    // An activity that waits for its next attempt keeps the identity of the worker that ran the last one.
    const pid = Number.parseInt(lastWorkerIdentity ?? '', 10);
    if (Number.isNaN(pid)) return [];
    const startedAtMs = Number(lastStartedTime?.seconds ?? 0) * 1_000 + (lastStartedTime?.nanos ?? 0) / 1_000_000;
    return [{ key: `${activityType?.name} ${activityId} of ${run}`, startedAtMs, pid }];
  });
}

/** Returns the seconds until each activity that the lost worker had got was continued by another worker. */
async function measureTakeovers(
  context: FaultContext,
  lost: { readonly pid: number; readonly cutOffAtMs: number },
): Promise<ReadonlyMap<string, number>> {
  const waiting = new Map<string, number>();
  const seconds = new Map<string, number>();
  const endMs = lost.cutOffAtMs + OBSERVED_MS;
  function observe(activities: readonly RunningActivity[]): void {
    for (const { key, pid, startedAtMs } of activities) {
      if (pid === lost.pid && !waiting.has(key)) waiting.set(key, Math.max(startedAtMs, lost.cutOffAtMs));
    }
    for (const [key, sinceMs] of waiting) {
      const now = activities.find((activity) => activity.key === key);
      if (now?.pid === lost.pid || seconds.has(key)) continue;
      seconds.set(key, ((now?.startedAtMs ?? Date.now()) - sinceMs) / 1_000);
    }
  }

  while (Date.now() < endMs) {
    observe(await listActivities(context));
    await delay(POLL_MS);
  }
  for (const key of waiting.keys()) if (!seconds.has(key)) seconds.set(key, Infinity);
  return seconds;
}

export const lostMachine: FaultKind = {
  kind: 'lost-machine',
  title:
    'The machine of a worker disappears: its connections stay open, all bytes are dropped, and it never comes back',
  inject: async (context): Promise<readonly Violation[]> => {
    const machine = await moveToOwnMachine(context);
    try {
      const { worker } = machine;
      const pid = worker.pid();
      await eventually(async () => (await listActivities(context)).some((activity) => activity.pid === pid), {
        deadlineMs: BUSY_DEADLINE_MS,
        intervalMs: 50,
      });
      machine.cutOff();
      context.markHealed();
      const takeovers = await measureTakeovers(context, { pid, cutOffAtMs: Date.now() });
      context.reportSeconds([...takeovers.values()]);
      await context.trafficDone;
      await worker.kill('SIGKILL');
      return [...takeovers]
        .filter(([, seconds]) => seconds > TAKEOVER_LIMIT_SECONDS)
        .map(([key, seconds]) => violation('I9', `${key} was continued only after ${seconds.toFixed(1)} s`));
    } finally {
      await machine.close();
    }
  },
};
