import { setTimeout as delay } from 'node:timers/promises';
import { checkResponses, checkFinalStatuses, checkReads } from '../checks/history-checks.ts';
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

/** Result of one run. */
export interface RunReport {
  readonly kind: string;
  readonly seed: number;
  /** Number of stores that the run created. A retry does not count as another store. */
  readonly provisions: number;
  readonly calls: number;
  /** Number of 503 responses. */
  readonly unavailable: number;
  /** Number of requests without a response. */
  readonly lost: number;
  readonly violations: readonly Violation[];
  /** Seconds from the end of the fault, or from the kill, to the end of each operation that was running then. */
  readonly recoverySeconds: readonly number[];
  readonly tookSeconds: number;
  /** The reason why the fault was not run on this machine. */
  readonly skipped?: string;
  /** More results, in a few words. */
  readonly note?: string;
  /** The next run needs a new environment, because the stores of this run could not be deleted. */
  readonly isEnvironmentUnusable: boolean;
}

/** State of a run, from before its first request to its checks. */
export interface Run {
  readonly environment: FaultEnvironment;
  readonly watch: Watch;
  readonly history: History;
  /** Returns whether this run created the store. */
  readonly isOwn: (storeId: string) => boolean;
  readonly logs: Logs;
  readonly overlapsBefore: number;
  readonly startedAtMs: number;
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
    startedAtMs: Date.now(),
  };
}

/** Waits until no operation is running, checks all guarantees, then deletes the remaining stores and checks the deletion. */
export async function concludeRun(
  run: Run,
  facts: {
    readonly kind: Pick<FaultKind, 'kind' | 'expects' | 'quota'>;
    readonly seed: number;
    /** Deadline for all operations to end. */
    readonly idleDeadlineMs: number;
    /** Violations that were detected during the run. */
    readonly violations: readonly Violation[];
    readonly recoverySeconds?: readonly number[];
    readonly note?: string;
  },
): Promise<RunReport> {
  const { environment, watch, history, isOwn } = run;
  const { kind, seed, idleDeadlineMs, note } = facts;
  const busy = await waitUntilIdle(environment, isOwn, idleDeadlineMs);
  const world = await readWorld(environment, isOwn, { histories: true });
  const violations = [...facts.violations, ...busy, ...(await checkInvariants(run, world, kind))];
  const leftovers = await deleteStores(environment, world, idleDeadlineMs);
  return {
    kind: kind.kind,
    seed,
    ...countsOf(history.calls),
    provisions: world.stores.length,
    violations: [...violations, ...leftovers],
    recoverySeconds: (facts.recoverySeconds ?? watch.recoveries()).filter(Number.isFinite),
    tookSeconds: (Date.now() - run.startedAtMs) / 1_000,
    isEnvironmentUnusable: leftovers.length > 0,
    ...(note === undefined ? {} : { note }),
  };
}

async function waitUntilIdle(
  environment: FaultEnvironment,
  isOwn: Run['isOwn'],
  deadlineMs: number,
): Promise<Violation[]> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const busy = await busyStores(environment, isOwn);
    if (busy.length === 0) return [];
    if (Date.now() >= deadline)
      return busy.map((what) => violation('I9', `${what} ${deadlineMs / 1_000} s after the end of the traffic`));
    await delay(500);
  }
}

async function busyStores(environment: FaultEnvironment, isOwn: Run['isOwn']): Promise<readonly string[]> {
  const world = await readWorld(environment, isOwn, { histories: false });
  const open = new Set(world.runs.filter(({ status }) => status === 'RUNNING').map(({ storeId }) => storeId));
  return world.stores
    .filter((store) => store.isBusy || open.has(store.id) || isAwaitingDelete(store))
    .map(
      (store) =>
        `the operation of ${store.id} is still running: status ${store.status}, ${store.operation}, step ${store.step ?? 'none'}`,
    );
}

function isAwaitingDelete({ isDeleteRequested, status }: World['stores'][number]): boolean {
  return isDeleteRequested && status !== 'deleted' && status !== 'failed';
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
    ...overlaps.map((line) =>
      violation('I2', `two Helm processes wrote to the same namespace at the same time: ${line}`),
    ),
    ...checkAgreement(world),
    ...checkQuota(world, { mostLive: watch.mostLive(), limit: kind.quota ?? MAX_STORES }),
    ...checkEvents(world),
    ...checkResponses(calls),
    ...checkReads(calls),
    ...checkSecrecy(world, watch.secrets(), await run.logs.since()),
    ...watch.changedSecrets().map((what) => violation('I7', `the value of the secret ${what} was changed`)),
    ...watch.changedVolumes().map((what) => violation('I10', `the volume claim ${what} of a ready store was replaced`)),
    ...checkFinalStatuses(world, calls, kind.expects ?? { kind: 'ready' }),
  ];
}

function countsOf(calls: readonly Call[]): Pick<RunReport, 'calls' | 'unavailable' | 'lost'> {
  return {
    calls: calls.length,
    unavailable: calls.filter((call) => statusOf(call) === 503).length,
    lost: calls.filter((call) => call.result.kind === 'lost').length,
  };
}

/** Deletes the remaining stores and returns a violation for each object that is not deleted. */
async function deleteStores(environment: FaultEnvironment, world: World, deadlineMs: number): Promise<Violation[]> {
  const ids = new Set(world.stores.map(({ id }) => id));
  const isOne = (id: string): boolean => ids.has(id);
  const client = openClient({
    url: environment.api.url,
    installation: environment.installation,
    history: openHistory(),
    deadlineMs: () => Date.now() + 30_000,
  });
  for (const { id, status } of world.stores) if (status !== 'deleted') await client.request(id, 'delete');
  const stuck = await waitUntilIdle(environment, isOne, deadlineMs);
  const after = await readWorld(environment, isOne, { histories: false });
  const undeleted = after.stores.filter(({ status }) => status !== 'deleted');
  return [
    ...stuck,
    ...undeleted.map(({ id, status, failureCode }) =>
      violation('I9', `cleanup: ${id} has the status ${status} (${failureCode ?? 'no failure'}) after its delete`),
    ),
    ...checkLeftovers(after).map(({ invariant, message }) => violation(invariant, `cleanup: ${message}`)),
  ];
}
