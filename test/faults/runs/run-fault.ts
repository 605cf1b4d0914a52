import { violation, type Violation } from '../checks/violation.ts';
import { openClient, type StoreClient } from '../traffic/client.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { FaultEnvironment } from '../environment/environment.ts';
import type { PlannedRun } from './plan.ts';
import { randomFrom } from '../traffic/random.ts';
import { beginRun, concludeRun, type Run, type RunReport } from './run.ts';
import { drawTraffic, type StoreScript } from '../traffic/traffic.ts';

interface Times {
  readonly clients: { readonly clients: number; readonly storesEach: number };
  /** From the start of the run until its clients stop to wait and to retry. */
  readonly trafficMs: number;
  /** Deadline after the traffic for all operations to end. */
  readonly idleDeadlineMs: number;
}

const LONG: Times = { clients: { clients: 7, storesEach: 4 }, trafficMs: 420_000, idleDeadlineMs: 240_000 };
const SHORT: Times = { clients: { clients: 6, storesEach: 1 }, trafficMs: 180_000, idleDeadlineMs: 120_000 };
/** Length of an outage in the short form, as a fraction of its length in the long form. */
const SHORT_FRACTION = 1 / 8;
const SHORT_OUTAGE_MS = { min: 6_000, max: 15_000 };
/** Gives the fault its own sequence of random numbers, independent of the number of draws of the traffic. */
const FAULT_SEED_OFFSET = 1_000_003;

/** Runs one fault under traffic, waits until no operation is running, and checks all guarantees. */
export async function runFault(
  environment: FaultEnvironment,
  planned: PlannedRun,
  isShort: boolean,
): Promise<RunReport> {
  const { kind, seed } = planned;
  const skipped = kind.unavailable?.();
  if (skipped !== undefined) return skippedRun(kind, seed, skipped);
  const run = await beginRun(environment);
  const times = isShort ? SHORT : LONG;
  try {
    const injected = await injectUnderTraffic(run, planned, { times, isShort });
    return await concludeRun(run, { kind, seed, idleDeadlineMs: times.idleDeadlineMs, ...injected });
  } finally {
    await run.watch.stop();
  }
}

function skippedRun({ kind }: FaultKind, seed: number, skipped: string): RunReport {
  const noResults = { provisions: 0, calls: 0, unavailable: 0, lost: 0, violations: [], recoverySeconds: [] };
  return { kind, seed, ...noResults, tookSeconds: 0, skipped, isEnvironmentUnusable: false };
}

/** Runs the clients and the fault at the same time. Heals everything afterwards. */
async function injectUnderTraffic(
  { environment, watch, history }: Run,
  { kind, seed }: PlannedRun,
  { times, isShort }: { readonly times: Times; readonly isShort: boolean },
): Promise<{ readonly violations: readonly Violation[]; readonly recoverySeconds?: readonly number[] }> {
  const runName = `f${seed}-${Date.now().toString(36)}`;
  let deadlineMs = Date.now() + times.trafficMs;
  const client = openClient({
    url: environment.api.url,
    installation: environment.installation,
    history,
    deadlineMs: () => deadlineMs,
  });
  const traffic = drawTraffic(randomFrom(seed), runName, { ...times.clients, ...kind.traffic });
  let startTraffic = (): void => undefined;
  const started = new Promise<void>((resolve) => (startTraffic = resolve));
  const trafficDone = (async () => {
    await started;
    await Promise.all(traffic.clients.map((scripts) => runScripts(client, scripts)));
  })();
  let reportedSeconds: readonly number[] | undefined;
  const context: FaultContext = {
    environment,
    watch,
    random: randomFrom(seed + FAULT_SEED_OFFSET),
    client,
    runName,
    outageMs: (longMs) => (isShort ? shortened(longMs) : longMs),
    markHealed: () => watch.markHealed(),
    reportSeconds: (seconds) => void (reportedSeconds = seconds),
    trafficDone,
  };
  const violations: Violation[] = [];
  try {
    await kind.setUp?.(context);
    deadlineMs = Date.now() + times.trafficMs;
    const pids = environment.workers.map((worker) => worker.pid());
    startTraffic();
    const [detected] = await Promise.all([kind.inject(context), trafficDone]);
    violations.push(...(detected ?? []), ...unexpectedExits(environment, pids));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    violations.push(violation('I9', `the fault could not be injected: ${why}`));
    deadlineMs = Date.now();
    startTraffic();
    await trafficDone;
  }
  await environment.restore();
  await kind.tearDown?.(context);
  return reportedSeconds === undefined ? { violations } : { violations, recoverySeconds: reportedSeconds };
}

function shortened(longMs: number): number {
  return Math.min(SHORT_OUTAGE_MS.max, Math.max(SHORT_OUTAGE_MS.min, longMs * SHORT_FRACTION));
}

async function runScripts(client: StoreClient, scripts: readonly StoreScript[]): Promise<void> {
  for (const script of scripts) await client.runScript(script);
}

/** Returns a violation for each worker that ended although the environment did not kill it. */
function unexpectedExits(environment: FaultEnvironment, pidsBefore: readonly number[]): Violation[] {
  return environment.workers
    .filter((worker, index) => worker.hasEnded() && worker.pid() === pidsBefore[index] && !worker.wasKilled())
    .map((worker) => violation('I9', `worker ${worker.index} ended unexpectedly`));
}
