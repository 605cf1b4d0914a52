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
  /** From the beginning of the run until its clients give up. */
  readonly trafficMs: number;
  /** From then on until all has to be quiet. */
  readonly quietMs: number;
}

const LONG: Times = { clients: { clients: 7, storesEach: 4 }, trafficMs: 420_000, quietMs: 240_000 };
const SHORT: Times = { clients: { clients: 6, storesEach: 1 }, trafficMs: 180_000, quietMs: 120_000 };
/** Of the long form's time away in the short form. */
const SHORT_PART = 1 / 8;
const SHORT_AWAY_MS = { least: 6_000, most: 15_000 };
/** Keeps the fault's draws apart from those of the traffic, however many that makes. */
const FAULT_SEED_OFFSET = 1_000_003;

/** Runs one fault under traffic, waits until all is quiet, and looks at everything. */
export async function runFault(
  environment: FaultEnvironment,
  planned: PlannedRun,
  isShort: boolean,
): Promise<RunReport> {
  const { kind, seed } = planned;
  const skipped = kind.unavailable?.();
  if (skipped !== undefined) return notRun(kind, seed, skipped);
  const run = await beginRun(environment);
  const times = isShort ? SHORT : LONG;
  try {
    const acted = await act(run, planned, { times, isShort });
    return await concludeRun(run, { kind, seed, quietMs: times.quietMs, ...acted });
  } finally {
    await run.watch.stop();
  }
}

function notRun({ kind }: FaultKind, seed: number, skipped: string): RunReport {
  const nothing = { provisions: 0, calls: 0, unavailable: 0, lost: 0, violations: [], recoverySeconds: [] };
  return { kind, seed, ...nothing, tookSeconds: 0, skipped, isSpoilt: false };
}

/** Clients and the fault, side by side; afterwards everything is healed. */
async function act(
  { environment, watch, history }: Run,
  { kind, seed }: PlannedRun,
  { times, isShort }: { readonly times: Times; readonly isShort: boolean },
): Promise<{ readonly violations: readonly Violation[]; readonly recoverySeconds?: readonly number[] }> {
  const runName = `f${seed}-${Date.now().toString(36)}`;
  let untilMs = Date.now() + times.trafficMs;
  const client = openClient({ url: environment.api.url, history, untilMs: () => untilMs });
  const traffic = drawTraffic(randomFrom(seed), runName, { ...times.clients, ...kind.traffic });
  let beginTraffic = (): void => undefined;
  const begun = new Promise<void>((resolve) => (beginTraffic = resolve));
  const trafficDone = (async () => {
    await begun;
    await Promise.all(traffic.clients.map((scripts) => liveAll(client, scripts)));
  })();
  let measured: readonly number[] | undefined;
  const context: FaultContext = {
    environment,
    watch,
    random: randomFrom(seed + FAULT_SEED_OFFSET),
    client,
    runName,
    away: (longMs) => (isShort ? shortened(longMs) : longMs),
    markHealed: () => watch.markHealed(),
    measured: (seconds) => void (measured = seconds),
    trafficDone,
  };
  const violations: Violation[] = [];
  try {
    await kind.setUp?.(context);
    untilMs = Date.now() + times.trafficMs;
    const pids = environment.workers.map((worker) => worker.pid());
    beginTraffic();
    const [seen] = await Promise.all([kind.inject(context), trafficDone]);
    violations.push(...(seen ?? []), ...unaskedDeaths(environment, pids));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    violations.push(violation('I9', `the fault could not be applied as planned: ${why}`));
    untilMs = Date.now();
    beginTraffic();
    await trafficDone;
  }
  await environment.restore();
  await kind.tearDown?.(context);
  return measured === undefined ? { violations } : { violations, recoverySeconds: measured };
}

function shortened(longMs: number): number {
  return Math.min(SHORT_AWAY_MS.most, Math.max(SHORT_AWAY_MS.least, longMs * SHORT_PART));
}

async function liveAll(client: StoreClient, scripts: readonly StoreScript[]): Promise<void> {
  for (const script of scripts) await client.live(script);
}

/** A worker that nobody killed has to live through everything. */
function unaskedDeaths(environment: FaultEnvironment, pidsBefore: readonly number[]): Violation[] {
  return environment.workers
    .filter((worker, index) => worker.hasEnded() && worker.pid() === pidsBefore[index] && !worker.wasKilled())
    .map((worker) => violation('I9', `worker ${worker.index} ended by itself`));
}
