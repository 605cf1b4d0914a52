import type { StoreRecord } from '../../db/stores.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { openLane, type Ground, type Lane } from './lane.ts';
import { describeCase, type CrashCase, type Scenario } from './scenarios.ts';
import { lookAt } from './shared-cluster.ts';
import type { Side } from './sides.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface CrashResult {
  readonly name: string;
  /** What was not as it must be when the bound was over; null: the case passed. */
  readonly problem: string | null;
  /** From the death of the worker until all was as it must be. */
  readonly recoveredMs: number | null;
}

export interface SweepOptions {
  readonly cases: readonly CrashCase[];
  /** Cases under way at once, each with a worker of its own. */
  readonly lanes: number;
  /** How long after the crash all must be as it must be. */
  readonly boundMs: number;
  readonly stepMs: number;
  readonly report: (message: string) => void;
}

/** How long a worker may take to come to its crash point. */
const REACH_DEADLINE_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** Kills a worker at every crash point, starts another one, and looks whether the store ends as it would have ended. */
export async function crashSweep(ground: Ground, side: Side, options: SweepOptions): Promise<readonly CrashResult[]> {
  const waiting = options.cases.entries();
  const results: CrashResult[] = [];
  await Promise.all(Array.from({ length: options.lanes }, () => runLane(ground, side, options, { waiting, results })));
  return results;
}

async function runLane(
  ground: Ground,
  side: Side,
  { stepMs, boundMs, report }: SweepOptions,
  { waiting, results }: { readonly waiting: Iterable<readonly [number, CrashCase]>; readonly results: CrashResult[] },
): Promise<void> {
  const lane = await openLane(ground, side, stepMs);
  let worker = await startWorkerProcess(lane.settings);
  const workers = [worker];
  await worker.work();
  const verdicts: Promise<void>[] = [];
  try {
    for (const [position, crashCase] of waiting) {
      const name = describeCase(crashCase);
      const next = await startWorkerProcess(lane.settings);
      workers.push(next);
      const store = await crash(lane, worker, crashCase, position);
      const diedAt = performance.now();
      worker = next;
      await worker.work();
      const judge = async (): Promise<void> => {
        const problem = await settle(lane, crashCase.scenario, store, diedAt + boundMs);
        results.push({ name, problem, recoveredMs: problem === null ? performance.now() - diedAt : null });
        report(`${side}, ${name}: ${problem ?? 'passed'}`);
      };
      const verdict = judge();
      verdicts.push(verdict);
      // A worker may not die again while an earlier store recovers. Where nothing recovers by itself, there is no need to wait.
      if (side !== 'bare-queue') await verdict;
    }
    await Promise.all(verdicts);
  } finally {
    for (const each of workers) await each.kill();
    await lane.close();
  }
}

async function crash(
  lane: Lane,
  worker: WorkerProcess,
  { scenario, point }: CrashCase,
  position: number,
): Promise<StoreRecord> {
  const storeName = `${scenario.name} ${position}`;
  await worker.arm({ ...point, storeName });
  const store = await lane.create(storeName);
  if (scenario.ends === 'cancelled') {
    await eventually(async () => (await lane.read(store)).operationStep === 'await-ready');
    await lane.cancel(store.id);
  }
  await worker.gone(REACH_DEADLINE_MS);
  return store;
}

/** What is still wrong at the deadline, or null as soon as nothing is. */
async function settle(lane: Lane, scenario: Scenario, store: StoreRecord, deadline: number): Promise<string | null> {
  for (;;) {
    const problem = await problemOf(lane, scenario, store);
    if (problem === null || performance.now() >= deadline) return problem;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** The first thing that is not as the scenario wants it: record, run, cluster, events. */
async function problemOf(lane: Lane, scenario: Scenario, store: StoreRecord): Promise<string | null> {
  const record = await lane.read(store);
  if (record.status !== scenario.ends) return `the store is ${record.status}`;
  if (record.operationEndedAt === null) return 'its operation has not ended';
  const run = await lane.operations.observe(store.id);
  if (run.kind === 'open') return 'its run is still open';
  const { kinds, changes } = await lookAt(lane.pool, store.namespace);
  if (!isSame(kinds, scenario.kinds)) return `the cluster has: ${kinds.join(', ')}`;
  if (!isSame(changes, scenario.changes)) return `the cluster saw: ${changes.join(', ')}`;
  const events = await lane.stores.listEvents({ tenantId: store.tenantId, storeId: store.id });
  const told = events.map(({ type, step }) => (step === null ? type : `${type} ${step}`));
  if (told.join() !== scenario.events.join()) return `its events are: ${told.join(', ')}`;
  if (events.some(({ seq }, index) => seq !== index + 1)) return 'its events have a gap';
  return null;
}

function isSame(seen: readonly string[], wanted: readonly string[]): boolean {
  return seen.toSorted().join() === wanted.toSorted().join();
}
