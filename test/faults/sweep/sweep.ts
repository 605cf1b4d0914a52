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
    'SIGKILL of the worker just before and just after each write of provision, delete, retry and undo, to the cluster and to the record',
};
/** One that is killed must not stop the others' stores. */
export const SWEEP_WORKERS = 4;

const AT_ONCE = 6;
const SHORT_OPERATIONS = 2;
const SHORT_CASES = 4;
const CRASH_DEADLINE_MS = 90_000;
/** A client waits this long for a store whose worker was killed. */
const SETTLE_MS = 240_000;
const QUIET_MS = 240_000;
const MOMENTS = ['before', 'after'] as const satisfies readonly CrashMoment[];

/** One side effect of an operation and the moment at which the worker is killed. */
interface CrashCase {
  readonly operation: SweptOperation;
  readonly label: string;
  readonly moment: CrashMoment;
  /** Index of the write to the cluster, or the write to the record. */
  readonly point: number | SweptOperation['recordWrites'][number];
}

interface Crashed {
  /** Undefined: the moment never came. */
  readonly recoverySeconds: number | undefined;
  readonly violations: readonly Violation[];
}

/** Crashes at every side effect, several stores at a time; all must come to the end that they were asked for. */
export async function runSweep(
  environment: FaultEnvironment,
  options: Pick<Options, 'seed' | 'isShort'>,
): Promise<RunReport> {
  const run = await beginRun(environment);
  const points = openCrashPoints(environment);
  try {
    const client = openClient({
      url: environment.api.url,
      history: run.history,
      untilMs: () => Date.now() + SETTLE_MS,
    });
    const random = randomFrom(options.seed);
    const operations = options.isShort
      ? random.shuffled(SWEPT_OPERATIONS).slice(0, SHORT_OPERATIONS)
      : SWEPT_OPERATIONS;
    const all = (await Promise.all(operations.map((operation) => learn(operation, client, points)))).flat();
    const cases = options.isShort ? random.shuffled(all).slice(0, SHORT_CASES) : all;
    const results: Crashed[] = [];
    const waiting = [...cases];
    const workOff = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        results.push(await crash(next, { environment, client, points }));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, workOff));
    points.close();
    await environment.restore();
    const met = results.flatMap(({ recoverySeconds }) => (recoverySeconds === undefined ? [] : [recoverySeconds]));
    return await concludeRun(run, {
      kind: SWEEP,
      seed: options.seed,
      quietMs: QUIET_MS,
      violations: results.flatMap(({ violations }) => violations),
      recoverySeconds: met,
      note: `${met.length} of ${cases.length} crash points met, of ${all.length} in all`,
    });
  } finally {
    points.close();
    await run.watch.stop();
  }
}

/** Does the operation once, undisturbed, and makes two cases of each write that is seen. */
async function learn(
  operation: SweptOperation,
  client: StoreClient,
  points: CrashPoints,
): Promise<readonly CrashCase[]> {
  const store = newStore(operation);
  await operation.prepare(client, store);
  const { writes } = points.record(store.namespace);
  await operation.ask(client, store);
  await client.settle(store.id);
  const cluster = writes().map((label, point) => ({ label, point }));
  const record = operation.recordWrites.map((point) => ({ label: point.label, point }));
  return [...cluster, ...record].flatMap((write) => MOMENTS.map((moment) => ({ operation, moment, ...write })));
}

function newStore({ name }: SweptOperation): SweptStore {
  return sweptStore(name, `sweep-${name}-${randomUUID().slice(0, 8)}`);
}

async function crash(
  planned: CrashCase,
  {
    environment,
    client,
    points,
  }: { readonly environment: FaultEnvironment; readonly client: StoreClient; readonly points: CrashPoints },
): Promise<Crashed> {
  const { operation } = planned;
  const store = newStore(operation);
  const what = `${operation.name}, ${planned.moment} "${planned.label}"`;
  try {
    await operation.prepare(client, store);
    const crashed = set(planned, store, { environment, points });
    await operation.ask(client, store);
    const atMs = await crashed.met();
    const settled = await client.settle(store.id);
    if (atMs === undefined) return { recoverySeconds: undefined, violations: [] };
    if (settled !== undefined) return { recoverySeconds: (Date.now() - atMs) / 1_000, violations: [] };
    return { recoverySeconds: undefined, violations: [violation('I9', `${what}: ${store.id} did not come to an end`)] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { recoverySeconds: undefined, violations: [violation('I9', `${what}: ${why}`)] };
  }
}

/** Sets the faultPoint. `met` resolves with the time of the crash, or undefined when it does not come in time. */
function set(
  { point, moment, operation }: CrashCase,
  store: SweptStore,
  { environment, points }: { readonly environment: FaultEnvironment; readonly points: CrashPoints },
): { readonly met: () => Promise<number | undefined> } {
  let crashedAtMs: number | undefined;
  const trapId = `${operation.name}-${store.id}`;
  if (typeof point === 'number') {
    points.arm(store.namespace, { index: point, moment, onCrash: () => (crashedAtMs = Date.now()) });
  } else {
    const { label: _label, ...faultPoint } = point;
    environment.faultPoints.set(trapId, { ...faultPoint, storeId: store.id, moment, signal: 'SIGKILL' });
  }

  async function met(): Promise<number | undefined> {
    const deadline = Date.now() + CRASH_DEADLINE_MS;
    while (Date.now() < deadline) {
      if (crashedAtMs !== undefined) return crashedAtMs;
      const triggered = environment.faultPoints.triggered(trapId);
      if (triggered !== undefined) {
        void points.replace(triggered.pid);
        return triggered.atMs;
      }
      await delay(50);
    }
    points.disarm(store.namespace);
    return undefined;
  }
  return { met };
}
