import { setTimeout as delay } from 'node:timers/promises';
import { checkAnswers, checkEnds, checkReads } from '../checks/history-checks.ts';
import { violation, type Violation } from '../checks/violation.ts';
import {
  checkAgreement,
  checkEvents,
  checkLeftovers,
  checkQuota,
  checkReleases,
  checkSecrecy,
} from '../checks/world-checks.ts';
import { readWorld, type World } from '../checks/world.ts';
import { openClient } from '../traffic/client.ts';
import type { FaultKind } from '../fault-kind.ts';
import { openHistory, statusOf, type Call, type History } from '../traffic/history.ts';
import { MAX_STORES, type FaultEnvironment } from '../environment/environment.ts';
import { openLogs, type Logs } from '../environment/logs.ts';
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
  /** What came of it beyond that, in a few words. */
  readonly note?: string;
  /** The next run needs a new environment: this one could not be emptied. */
  readonly isSpoilt: boolean;
}

/** A run from its beginning, when nothing of it is there, to its judgement. */
export interface Run {
  readonly environment: FaultEnvironment;
  readonly watch: Watch;
  readonly history: History;
  /** Whether a store came into being in this run. */
  readonly isOwn: (storeId: string) => boolean;
  readonly logs: Logs;
  readonly overlapsBefore: number;
  readonly beganAtMs: number;
}

export async function beginRun(environment: FaultEnvironment): Promise<Run> {
  const { rows } = await environment.db.query<{ id: string }>('select id from stores');
  const known = new Set(rows.map(({ id }) => id));
  return {
    environment,
    watch: startWatch(environment, known),
    history: openHistory(),
    isOwn: (storeId) => !known.has(storeId),
    logs: await openLogs(environment.logs),
    overlapsBefore: environment.helm.overlaps().length,
    beganAtMs: Date.now(),
  };
}

/** Waits until all is quiet, looks at everything, then deletes what is left and proves that it is gone. */
export async function concludeRun(
  run: Run,
  facts: {
    readonly kind: Pick<FaultKind, 'kind' | 'expects' | 'quota'>;
    readonly seed: number;
    /** How long it may take until all is quiet. */
    readonly quietMs: number;
    /** What was seen on the way. */
    readonly violations: readonly Violation[];
    readonly recoverySeconds?: readonly number[];
    readonly note?: string;
  },
): Promise<RunReport> {
  const { environment, watch, history, isOwn } = run;
  const { kind, seed, quietMs, note } = facts;
  const busy = await awaitQuiet(environment, isOwn, quietMs);
  const world = await readWorld(environment, isOwn, { histories: true });
  const violations = [...facts.violations, ...busy, ...(await checkInvariants(run, world, kind))];
  const left = await cleanUp(environment, world, quietMs);
  return {
    kind: kind.kind,
    seed,
    ...countsOf(history.calls),
    provisions: world.stores.length,
    violations: [...violations, ...left],
    recoverySeconds: (facts.recoverySeconds ?? watch.recoveries()).filter(Number.isFinite),
    tookSeconds: (Date.now() - run.beganAtMs) / 1_000,
    isSpoilt: left.length > 0,
    ...(note === undefined ? {} : { note }),
  };
}

async function awaitQuiet(environment: FaultEnvironment, isOwn: Run['isOwn'], withinMs: number): Promise<Violation[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const busy = await busyStores(environment, isOwn);
    if (busy.length === 0) return [];
    if (Date.now() >= deadline)
      return busy.map((what) => violation('I9', `${what} after ${withinMs / 1_000} s of quiet`));
    await delay(500);
  }
}

async function busyStores(environment: FaultEnvironment, isOwn: Run['isOwn']): Promise<readonly string[]> {
  const world = await readWorld(environment, isOwn, { histories: false });
  const open = new Set(world.runs.filter(({ status }) => status === 'RUNNING').map(({ storeId }) => storeId));
  return world.stores
    .filter((store) => store.isBusy || open.has(store.id) || isAwaitingDelete(store))
    .map((store) => `${store.id} is still busy: ${store.status}, ${store.operation} in ${store.step ?? 'no step'}`);
}

function isAwaitingDelete({ isDeleteAsked, status }: World['stores'][number]): boolean {
  return isDeleteAsked && status !== 'deleted' && status !== 'failed';
}

async function checkInvariants(
  run: Run,
  world: World,
  kind: Pick<FaultKind, 'expects' | 'quota'>,
): Promise<Violation[]> {
  const { environment, watch, history } = run;
  const { calls } = history;
  const overlaps = environment.helm.overlaps().slice(run.overlapsBefore);
  return [
    ...checkLeftovers(world),
    ...checkReleases(world),
    ...overlaps.map((line) => violation('I2', `two Helm writers at once: ${line}`)),
    ...checkAgreement(world),
    ...checkQuota(world, { mostLive: watch.mostLive(), limit: kind.quota ?? MAX_STORES }),
    ...checkEvents(world),
    ...checkAnswers(calls),
    ...checkReads(calls),
    ...checkSecrecy(world, watch.secrets(), await run.logs.since()),
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
async function cleanUp(environment: FaultEnvironment, world: World, withinMs: number): Promise<Violation[]> {
  const ids = new Set(world.stores.map(({ id }) => id));
  const isOne = (id: string): boolean => ids.has(id);
  const client = openClient({ url: environment.api.url, history: openHistory(), untilMs: () => Date.now() + 30_000 });
  for (const { id, status } of world.stores) if (status !== 'deleted') await client.act(id, 'delete');
  const stuck = await awaitQuiet(environment, isOne, withinMs);
  const after = await readWorld(environment, isOne, { histories: false });
  const undeleted = after.stores.filter(({ status }) => status !== 'deleted');
  return [
    ...stuck,
    ...undeleted.map(({ id, status, failureCode }) =>
      violation('I9', `clean-up: ${id} is ${status} (${failureCode ?? 'no failure'}) after its delete`),
    ),
    ...checkLeftovers(after).map(({ invariant, what }) => violation(invariant, `clean-up: ${what}`)),
  ];
}
