import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { violation, type Violation } from '../checks/violation.ts';
import { openClient, type StoreClient } from '../traffic/client.ts';
import { openCrashPoints, type CrashMoment, type CrashPoints } from './crash-points.ts';
import type { FaultKind } from '../fault-kind.ts';
import type { FaultEnvironment } from '../environment/environment.ts';
import type { Options } from '../options.ts';
import { randomFrom } from '../traffic/random.ts';
import { beginRun, concludeRun, type RunReport } from '../runs/run.ts';
import { SWEPT_OPERATIONS, sweptStore, type SweptOperation, type SweptStore } from './swept-operations.ts';

export const SWEEP: Pick<FaultKind, 'kind' | 'title' | 'expects'> = {
  kind: 'crash-sweep',
  title:
    'SIGKILL of the worker immediately before and after each write to the cluster and to the record, during provision, delete, retry and undo',
};
/** Enough workers that the stores of the other cases make progress while one worker is killed. */
export const SWEEP_WORKERS = 4;

const CONCURRENCY = 6;
const SHORT_OPERATIONS = 2;
const SHORT_CASES = 4;
const CRASH_DEADLINE_MS = 90_000;
/** Deadline of the clients. The worker of their store is killed once. */
const CLIENT_DEADLINE_MS = 240_000;
const IDLE_DEADLINE_MS = 240_000;
const MOMENTS = ['before', 'after'] as const satisfies readonly CrashMoment[];

/** One write of an operation, and the moment at which the worker is killed. */
interface CrashCase {
  readonly operation: SweptOperation;
  readonly label: string;
  readonly moment: CrashMoment;
  /** Index of the write to the cluster, or the write to the record. */
  readonly point: number | SweptOperation['recordWrites'][number];
}

interface CrashResult {
  /** Undefined: the worker was not killed, because the write did not occur. */
  readonly recoverySeconds: number | undefined;
  readonly violations: readonly Violation[];
}

/** Kills a worker at every write of every operation, for several stores at a time. Each store must reach its final status. */
export async function runSweep(
  environment: FaultEnvironment,
  options: Pick<Options, 'seed' | 'isShort'>,
): Promise<RunReport> {
  const run = await beginRun(environment);
  const points = openCrashPoints(environment);
  try {
    const client = openClient({
      url: environment.api.url,
      installation: environment.installation,
      history: run.history,
      deadlineMs: () => Date.now() + CLIENT_DEADLINE_MS,
    });
    const random = randomFrom(options.seed);
    const operations = options.isShort
      ? random.shuffled(SWEPT_OPERATIONS).slice(0, SHORT_OPERATIONS)
      : SWEPT_OPERATIONS;
    const all = (await Promise.all(operations.map((operation) => recordCases(operation, client, points)))).flat();
    const cases = options.isShort ? random.shuffled(all).slice(0, SHORT_CASES) : all;
    const results: CrashResult[] = [];
    const queue = [...cases];
    const runCases = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        results.push(await runCase(next, { environment, client, points }));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, runCases));
    points.close();
    await environment.restore();
    const recoverySeconds = results.flatMap(({ recoverySeconds: seconds }) => (seconds === undefined ? [] : [seconds]));
    return await concludeRun(run, {
      kind: SWEEP,
      seed: options.seed,
      idleDeadlineMs: IDLE_DEADLINE_MS,
      violations: results.flatMap(({ violations }) => violations),
      recoverySeconds,
      note: `${recoverySeconds.length} of ${cases.length} crash points reached; ${all.length} crash points exist`,
    });
  } finally {
    points.close();
    await run.watch.stop();
  }
}

/** Runs the operation once without a crash. Returns two cases, before and after, for each write that occurs. */
async function recordCases(
  operation: SweptOperation,
  client: StoreClient,
  points: CrashPoints,
): Promise<readonly CrashCase[]> {
  const store = newStore(client, operation);
  await operation.prepare(client, store);
  const { writes } = points.record(store.namespace);
  await operation.request(client, store);
  await client.waitUntilIdle(store.id);
  const cluster = writes().map((label, point) => ({ label, point }));
  const record = operation.recordWrites.map((point) => ({ label: point.label, point }));
  return [...cluster, ...record].flatMap((write) => MOMENTS.map((moment) => ({ operation, moment, ...write })));
}

function newStore(client: StoreClient, { name }: SweptOperation): SweptStore {
  return sweptStore(client, name, `sweep-${name}-${randomUUID().slice(0, 8)}`);
}

async function runCase(
  planned: CrashCase,
  {
    environment,
    client,
    points,
  }: { readonly environment: FaultEnvironment; readonly client: StoreClient; readonly points: CrashPoints },
): Promise<CrashResult> {
  const { operation } = planned;
  const store = newStore(client, operation);
  const what = `${operation.name}, ${planned.moment} "${planned.label}"`;
  try {
    await operation.prepare(client, store);
    const armed = armCrash(planned, store, { environment, points });
    await operation.request(client, store);
    const atMs = await armed.reached();
    const idleStore = await client.waitUntilIdle(store.id);
    if (atMs === undefined) return { recoverySeconds: undefined, violations: [] };
    if (idleStore !== undefined) return { recoverySeconds: (Date.now() - atMs) / 1_000, violations: [] };
    return {
      recoverySeconds: undefined,
      violations: [violation('I9', `${what}: the operation of ${store.id} did not end`)],
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { recoverySeconds: undefined, violations: [violation('I9', `${what}: ${why}`)] };
  }
}

/** Arms the crash of a case. `reached` resolves with the time of the crash, or with undefined after 90 s without one. */
function armCrash(
  { point, moment, operation }: CrashCase,
  store: SweptStore,
  { environment, points }: { readonly environment: FaultEnvironment; readonly points: CrashPoints },
): { readonly reached: () => Promise<number | undefined> } {
  let crashedAtMs: number | undefined;
  const faultPointId = `${operation.name}-${store.id}`;
  if (typeof point === 'number') {
    points.arm(store.namespace, { index: point, moment, onCrash: () => (crashedAtMs = Date.now()) });
  } else {
    const { label: _label, ...faultPoint } = point;
    environment.faultPoints.set(faultPointId, { ...faultPoint, storeId: store.id, moment, signal: 'SIGKILL' });
  }

  async function reached(): Promise<number | undefined> {
    const deadline = Date.now() + CRASH_DEADLINE_MS;
    while (Date.now() < deadline) {
      if (crashedAtMs !== undefined) return crashedAtMs;
      const triggered = environment.faultPoints.triggered(faultPointId);
      if (triggered !== undefined) {
        void points.replace(triggered.pid);
        return triggered.atMs;
      }
      await delay(50);
    }
    points.disarm(store.namespace);
    return undefined;
  }
  return { reached };
}
