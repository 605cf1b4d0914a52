import { setTimeout as delay } from 'node:timers/promises';
import { checkAnswers, checkEnds, checkReads } from './checks/history-checks.ts';
import { violation, type Violation } from './checks/violation.ts';
import {
  checkAgreement,
  checkEvents,
  checkLeftovers,
  checkQuota,
  checkReleases,
  checkSecrecy,
} from './checks/world-checks.ts';
import { readWorld, type World } from './checks/world.ts';
import { openClient, type StoreClient } from './client.ts';
import type { FaultContext, FaultKind } from './fault-kind.ts';
import { openHistory, statusOf, type Call, type History } from './history.ts';
import { MAX_STORES, type Lab } from './lab/lab.ts';
import { openLogs } from './lab/logs.ts';
import type { PlannedRun } from './plan.ts';
import { randomFrom } from './random.ts';
import { drawTraffic, type StoreScript } from './traffic.ts';
import { startWatch, type Watch } from './watch.ts';

/** What came of one run. */
export interface RunReport {
  readonly kind: string;
  readonly seed: number;
  /** Stores that were provisioned in it, retries not counted again. */
  readonly provisions: number;
  readonly calls: number;
  /** Answers that said "try again", and requests that got none. */
  readonly unavailable: number;
  readonly lost: number;
  readonly violations: readonly Violation[];
  /** Seconds from the end of the fault, or its stroke, to the end of each operation that it had met. */
  readonly recoverySeconds: readonly number[];
  readonly tookSeconds: number;
  /** Why it was not run on this machine. */
  readonly skipped?: string;
  /** The next run needs a new lab: this one could not be emptied. */
  readonly isSpoilt: boolean;
}

interface Times {
  readonly clients: { readonly clients: number; readonly storesEach: number };
  /** From the beginning of the run until its clients give up. */
  readonly trafficMs: number;
  /** From then on until all has to be quiet. */
  readonly quietMs: number;
}

const LONG: Times = { clients: { clients: 5, storesEach: 4 }, trafficMs: 420_000, quietMs: 240_000 };
const SHORT: Times = { clients: { clients: 3, storesEach: 2 }, trafficMs: 180_000, quietMs: 120_000 };
/** Of the long form's time away in the short form. */
const SHORT_PART = 1 / 8;
const SHORT_AWAY_MS = { least: 6_000, most: 15_000 };

/** Runs one fault under traffic, waits until all is quiet, and looks at everything. */
export async function runFault(lab: Lab, planned: PlannedRun, isShort: boolean): Promise<RunReport> {
  const { kind, seed } = planned;
  const beganAtMs = Date.now();
  const skipped = kind.unavailable?.();
  const blank = {
    kind: kind.kind,
    seed,
    provisions: 0,
    calls: 0,
    unavailable: 0,
    lost: 0,
    violations: [],
    recoverySeconds: [],
  };
  if (skipped !== undefined) return { ...blank, tookSeconds: 0, skipped, isSpoilt: false };
  const watch = startWatch(lab);
  const history = openHistory();
  try {
    await watch.begin();
    const known = await storeIds(lab);
    const logs = await openLogs(lab.logs);
    const overlapsBefore = lab.helm.overlaps().length;
    const times = isShort ? SHORT : LONG;
    const violations = await act({ lab, watch, history, planned, times, isShort });
    violations.push(...(await awaitQuiet(lab, (id) => !known.has(id), times.quietMs)));
    const world = await readWorld(lab, (id) => !known.has(id), { histories: true });
    violations.push(...judge({ world, history, kind, watch, logs: await logs.since() }));
    violations.push(
      ...lab.helm
        .overlaps()
        .slice(overlapsBefore)
        .map((line) => violation('I2', `two Helm writers at once: ${line}`)),
    );
    const left = await cleanUp(lab, world, times.quietMs);
    return {
      ...blank,
      ...countsOf(history.calls),
      provisions: world.stores.length,
      violations: [...violations, ...left],
      recoverySeconds: watch.recoveries().filter(Number.isFinite),
      tookSeconds: (Date.now() - beganAtMs) / 1_000,
      isSpoilt: left.length > 0,
    };
  } finally {
    await watch.stop();
  }
}

/** Clients and the fault, side by side; afterwards everything is healed. */
async function act(run: {
  readonly lab: Lab;
  readonly watch: Watch;
  readonly history: History;
  readonly planned: PlannedRun;
  readonly times: Times;
  readonly isShort: boolean;
}): Promise<Violation[]> {
  const { lab, watch, history, planned, times, isShort } = run;
  const { kind, seed } = planned;
  const runName = `f${seed}-${Date.now().toString(36)}`;
  let untilMs = Date.now() + times.trafficMs;
  const client = openClient({ url: lab.api.url, history, untilMs: () => untilMs });
  const traffic = drawTraffic(randomFrom(seed), runName, { ...times.clients, ...kind.traffic });
  let beginTraffic = (): void => undefined;
  const begun = new Promise<void>((resolve) => (beginTraffic = resolve));
  const trafficDone = (async () => {
    await begun;
    await Promise.all(traffic.clients.map((scripts) => liveAll(client, scripts)));
  })();
  const context: FaultContext = {
    lab,
    watch,
    // Of the run's seed, too, but no matter how much the traffic has drawn.
    random: randomFrom(seed + 1_000_003),
    client,
    runName,
    away: (longMs) =>
      isShort ? Math.min(SHORT_AWAY_MS.most, Math.max(SHORT_AWAY_MS.least, longMs * SHORT_PART)) : longMs,
    markHealed: () => watch.markHealed(),
    trafficDone,
  };
  const violations: Violation[] = [];
  try {
    await kind.setUp?.(context);
    untilMs = Date.now() + times.trafficMs;
    const pids = lab.workers.map((worker) => worker.pid());
    beginTraffic();
    const [seen] = await Promise.all([kind.inject(context), trafficDone]);
    violations.push(...(seen ?? []), ...unaskedDeaths(lab, pids));
  } catch (error) {
    violations.push(
      violation(
        'I9',
        `the fault could not be applied as planned: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
    untilMs = Date.now();
    beginTraffic();
    await trafficDone;
  }
  await lab.restore();
  await kind.tearDown?.(context);
  return violations;
}

async function liveAll(client: StoreClient, scripts: readonly StoreScript[]): Promise<void> {
  for (const script of scripts) await client.live(script);
}

/** A worker that nobody killed has to live through everything. */
function unaskedDeaths(lab: Lab, pidsBefore: readonly number[]): Violation[] {
  return lab.workers
    .filter((worker, index) => worker.hasEnded() && worker.pid() === pidsBefore[index] && !worker.wasKilled())
    .map((worker) => violation('I9', `worker ${worker.index} ended by itself`));
}

async function awaitQuiet(lab: Lab, isOfRun: (id: string) => boolean, withinMs: number): Promise<Violation[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const busy = await busyStores(lab, isOfRun);
    if (busy.length === 0) return [];
    if (Date.now() >= deadline)
      return busy.map((what) => violation('I9', `${what} after ${withinMs / 1_000} s of quiet`));
    await delay(500);
  }
}

async function busyStores(lab: Lab, isOfRun: (id: string) => boolean): Promise<readonly string[]> {
  const world = await readWorld(lab, isOfRun, { histories: false });
  const open = new Set(world.runs.filter(({ status }) => status === 'RUNNING').map(({ storeId }) => storeId));
  return world.stores
    .filter(
      (store) =>
        store.isBusy ||
        open.has(store.id) ||
        (store.isDeleteAsked && store.status !== 'deleted' && store.status !== 'failed'),
    )
    .map((store) => `${store.id} is still busy: ${store.status}, ${store.operation} in ${store.step ?? 'no step'}`);
}

function judge(seen: {
  readonly world: World;
  readonly history: History;
  readonly kind: FaultKind;
  readonly watch: Watch;
  readonly logs: readonly { readonly name: string; readonly text: string }[];
}): Violation[] {
  const { world, history, kind, watch, logs } = seen;
  const { calls } = history;
  return [
    ...checkLeftovers(world),
    ...checkReleases(world),
    ...checkAgreement(world),
    ...checkQuota(world, { mostLive: watch.mostLive(), limit: kind.quota ?? MAX_STORES }),
    ...checkEvents(world),
    ...checkAnswers(calls),
    ...checkReads(calls),
    ...checkSecrecy(world, watch.secrets(), logs),
    ...watch.changedSecrets().map((what) => violation('I7', `the secret ${what} was changed`)),
    ...watch
      .changedVolumes()
      .map((what) => violation('I10', `the volume claim ${what} was replaced while its store lived on`)),
    ...checkEnds(world, calls, kind.expects ?? { kind: 'ready' }),
  ];
}

function countsOf(calls: readonly Call[]): Pick<RunReport, 'calls' | 'unavailable' | 'lost'> {
  return {
    calls: calls.length,
    unavailable: calls.filter((call) => statusOf(call) === 503).length,
    lost: calls.filter((call) => call.answer.kind === 'lost').length,
  };
}

/** Deletes what the run left on purpose, and proves that it can be. */
async function cleanUp(lab: Lab, world: World, withinMs: number): Promise<Violation[]> {
  const ids = new Set(world.stores.map(({ id }) => id));
  const client = openClient({ url: lab.api.url, history: openHistory(), untilMs: () => Date.now() + 30_000 });
  for (const { id, status } of world.stores) if (status !== 'deleted') await client.act(id, 'delete');
  const stuck = await awaitQuiet(lab, (id) => ids.has(id), withinMs);
  const after = await readWorld(lab, (id) => ids.has(id), { histories: false });
  const undeleted = after.stores.filter(({ status }) => status !== 'deleted');
  return [
    ...stuck,
    ...undeleted.map(({ id, status, failureCode }) =>
      violation('I9', `clean-up: ${id} is ${status} (${failureCode ?? 'no failure'}) after its delete`),
    ),
    ...checkLeftovers(after).map(({ invariant, what }) => violation(invariant, `clean-up: ${what}`)),
  ];
}

async function storeIds(lab: Lab): Promise<ReadonlySet<string>> {
  const { rows } = await lab.db.query<{ id: string }>('select id from stores');
  return new Set(rows.map(({ id }) => id));
}
