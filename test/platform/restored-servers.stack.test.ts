import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import type { Unaccounted } from '../../api/contract/admin.ts';
import type { Store } from '../../api/contract/store.ts';
import { runProgram } from '../../cli/program.ts';
import { DEFAULT_CLUSTER, LABELS, clusterScheduleIdsOf, scheduleIdsOf, taskQueuesOf } from '../../domain/names.ts';
import { createScheduleControl } from '../../temporal/schedule-control.ts';
import { ensureReconcileSchedules } from '../../temporal/schedules.ts';
import type { reconcileCluster, reconcileStores } from '../../workflows/index.ts';
import { InterruptedCluster } from '../fakes/interrupted-cluster.ts';
import { readWorld, type World } from '../faults/checks/world.ts';
import {
  checkAgreement,
  checkEvents,
  checkLeftovers,
  checkQuota,
  checkReleases,
} from '../faults/checks/world-checks.ts';
import { openTestCluster, type TestCluster } from '../harness/platform/cluster-activities.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { startRestorableServers, type RestorableServers } from '../harness/stack/restorable-servers.ts';
import { eventually, kubeClients } from '../harness/stack/stack.ts';
import { waitingProgram } from '../harness/waiting-program.ts';

/** Restores of the platform's own servers to earlier points, followed by the steps of docs/operations.md. */

const INSTALLATION = randomUUID();
/** Longer than a lost operation waits for its restart. */
const RESTART_DUE_MS = 10 * 60_000;
/** Many runs end before the platform is quiet again. */
const SETTLED = { deadlineMs: 60_000 };

let servers: RestorableServers;
let cluster: TestCluster;
let failing: InterruptedCluster;
let platform: TestPlatform;
let database: Pool;
let aheadMs = 0;

beforeAll(async () => {
  [servers, cluster] = await Promise.all([startRestorableServers(), openTestCluster()]);
  failing = new InterruptedCluster(cluster.activities({ installation: INSTALLATION }));
});
afterAll(() => servers.stop());
beforeEach(start);
afterEach(stop);

async function start(): Promise<void> {
  platform = await startPlatform({
    cluster: failing,
    servers,
    now: () => new Date(Date.now() + aheadMs),
    reconciler: {
      cluster: cluster.reconciler({ installation: INSTALLATION, ensureRelease: failing.ensureRelease }),
      orphanGraceSeconds: 0,
    },
  });
  database = new Pool({ connectionString: servers.databaseUrl, max: 4 });
  database.on('error', () => undefined); // the tests crash Postgres
  // A worker process registers its cluster. The workers of this platform run in the process of the test.
  await database.query(
    `insert into clusters (name, address, kubernetes_version, nodes, answered, last_seen_at, created_at, updated_at)
     values ($1, 'https://127.0.0.1', 'v1', 'simulated', true, now(), now(), now()) on conflict do nothing`,
    [DEFAULT_CLUSTER],
  );
}

async function stop(): Promise<void> {
  await database.end();
  await platform.stop();
}

async function readyStore(): Promise<Store> {
  const { storeId } = await platform.create();
  return platform.settled(storeId, 'ready');
}

async function requestDelete({ storeId }: Store): Promise<void> {
  expect((await platform.request('DELETE', `/api/stores/${storeId}`)).status).toBe(202);
}

async function deleted(store: Store): Promise<void> {
  await requestDelete(store);
  await platform.settled(store.storeId, 'deleted');
}

/** Stores on both sides of a point in time: ready, deleted, and with an operation that is running. */
interface Stores {
  readonly old: Store;
  /** Ready at the point, and deleted after it. */
  readonly deletedLater: Store;
  /** Its provision is running at the point, and ends after it. */
  readonly provisioning: Store;
  /** Its delete is running at the point, and ends after it. */
  readonly deleting: Store;
}

async function storesBeforeThePoint(): Promise<Stores> {
  const [old, deletedLater, deleting] = await Promise.all([readyStore(), readyStore(), readyStore()]);
  failing.hold('awaitReady').hold('deleteRelease');
  const provisioning = await platform.create();
  await requestDelete(deleting);
  await eventually(() => failing.isWaitingIn('awaitReady') && failing.isWaitingIn('deleteRelease'));
  return { old, deletedLater, provisioning, deleting };
}

async function endOperations({ provisioning, deleting }: Stores): Promise<void> {
  failing.release('awaitReady');
  failing.release('deleteRelease');
  await Promise.all([platform.settled(provisioning.storeId, 'ready'), platform.settled(deleting.storeId, 'deleted')]);
}

interface LaterStores {
  readonly created: Store;
  /** Its provision is running when the servers are lost. */
  readonly interrupted: Store;
}

async function storesAfterThePoint({ deletedLater }: Pick<Stores, 'deletedLater'>): Promise<LaterStores> {
  const [created] = await Promise.all([readyStore(), readyStore().then(deleted), deleted(deletedLater)]);
  failing.hold('awaitReady');
  const interrupted = await platform.create();
  await eventually(() => failing.isWaitingIn('awaitReady'));
  return { created, interrupted };
}

/** Stops the platform, restores its servers and starts it again. */
async function afterRestore(restore: () => Promise<void>): Promise<void> {
  await stop();
  failing.release('awaitReady');
  await restore();
  await start();
}

function passOverCluster() {
  return platform.client.workflow.execute<typeof reconcileCluster>('reconcileCluster', {
    workflowId: `pass-${randomUUID()}`,
    taskQueue: taskQueuesOf(platform.installation).control,
    args: [{ cluster: DEFAULT_CLUSTER }],
  });
}

function passOverOperations() {
  return platform.client.workflow.execute<typeof reconcileStores>('reconcileStores', {
    workflowId: `pass-${randomUUID()}`,
    taskQueue: taskQueuesOf(platform.installation).control,
  });
}

async function json<T>(method: string, path: string): Promise<T> {
  return (await (await platform.request(method, path)).json()) as T;
}

async function undecided(): Promise<readonly string[]> {
  const { data } = await json<{ data: Unaccounted[] }>('GET', '/api/admin/unaccounted');
  return data.filter(({ decision }) => decision === null).map(({ namespace }) => namespace);
}

/** The steps of "After a restore of the database": adopt all stores without a record, then confirm the database. */
async function adoptAndConfirm(): Promise<void> {
  await passOverCluster();
  expect(await json('GET', '/api/admin/removals')).toMatchObject({ state: 'paused' });
  await eventually(async () => {
    for (const namespace of await undecided())
      await platform.request('POST', `/api/admin/unaccounted/${namespace}/adopt`);
    await passOverCluster();
    const { data } = await json<{ data: Unaccounted[] }>('GET', '/api/admin/unaccounted');
    return data.length === 0;
  }, SETTLED);
  expect(await json('POST', '/api/admin/removals/resume')).toMatchObject({ state: 'resuming' });
  await passOverCluster();
  expect(await json('GET', '/api/admin/removals')).toMatchObject({ state: 'active' });
}

/** Runs the passes of the reconciler until no operation is open, no run is open, and no orphan is left. */
async function reconcile(): Promise<void> {
  await eventually(
    async () => {
      aheadMs += RESTART_DUE_MS;
      await passOverOperations();
      await passOverCluster();
      const { stores, runs } = await ownWorld();
      const busy = stores.filter(({ isBusy }) => isBusy).map(({ id, status, step }) => ({ id, status, step }));
      const open = runs.filter(({ status }) => status === 'RUNNING').map(({ storeId, type }) => ({ storeId, type }));
      const { data: orphans } = await json<{ data: { name: string }[] }>('GET', '/api/orphans');
      if (busy.length + open.length + orphans.length === 0) return true;
      throw new Error(JSON.stringify({ busy, open, orphans: orphans.map(({ name }) => name) }));
    },
    { ...SETTLED, intervalMs: 1_000 },
  );
}

/** Returns the world without the objects of other test files. */
async function ownWorld(): Promise<World> {
  const kube = kubeClients();
  const { items } = await kube.core.listNamespace({ labelSelector: `${LABELS.installation}=${INSTALLATION}` });
  const world = await readWorld({ db: database, temporal: platform.client, kube }, () => true, { histories: false });
  const own = new Set([
    ...items.map(({ metadata }) => metadata?.name),
    ...world.stores.map((store) => store.namespace),
  ]);
  const isOwn = ({ namespace }: { readonly namespace: string }): boolean => own.has(namespace);
  return {
    ...world,
    namespaces: world.namespaces.filter(({ name }) => own.has(name)),
    volumes: world.volumes.filter(isOwn),
    releases: world.releases.filter(isOwn),
    workloads: world.workloads.filter(isOwn),
    secrets: world.secrets.filter(isOwn),
  };
}

/** Checks I1 to I5, and that exactly these stores live. */
async function expectInvariants(live: readonly Store[]): Promise<void> {
  const world = await ownWorld();
  // A run that closed before the point has the outcome that its record had then.
  const open = { ...world, runs: world.runs.filter(({ status }) => status === 'RUNNING') };
  expect([
    ...checkLeftovers(world),
    ...checkReleases(world),
    ...checkAgreement(open),
    ...checkQuota(world, { mostLive: 0, limit: 0 }),
    ...checkEvents(world),
  ]).toEqual([]);
  const ready = world.stores.filter(({ status }) => status === 'ready').map(({ id }) => id);
  expect(ready.toSorted()).toEqual(live.map(({ storeId }) => storeId).toSorted());
}

/** Returns what a store loses when it is removed and created again. */
async function dataOf({ namespace }: Store) {
  const [self, claims, secret] = await Promise.all([
    cluster.kube.core.readNamespace({ name: namespace }),
    cluster.kube.core.listNamespacedPersistentVolumeClaim({ namespace }),
    cluster.kube.core.readNamespacedSecret({ name: 'store-secrets', namespace }),
  ]);
  return {
    namespace: self.metadata?.uid,
    claims: claims.items.map(({ metadata, spec }) => [metadata?.name, metadata?.uid, spec?.volumeName]),
    secret: secret.data,
  };
}

/** A store that the record shows as ready, although its data are gone: an operator deletes it. */
async function deleteWhatIsGone(store: Store): Promise<void> {
  await eventually(async () => {
    await passOverCluster();
    const { drift } = await platform.get(store.storeId);
    return JSON.stringify(drift).includes('needsPerson');
  });
  await deleted(store);
}

/** An adopted store that was never ready: an operator retries its provision. */
async function retryUnfinished({ storeId }: Store): Promise<void> {
  expect(await platform.get(storeId)).toMatchObject({ status: 'failed', failure: { code: 'ADOPTED_UNFINISHED' } });
  expect((await platform.request('POST', `/api/stores/${storeId}/retry`)).status).toBe(202);
  await platform.settled(storeId, 'ready');
}

/** Runs `work` as the program of `store-platform admin while-paused`, which uses the API before and after it. */
async function whilePaused(work: () => Promise<void>): Promise<void> {
  const { installation } = platform;
  await ensureReconcileSchedules(platform.client, {
    installation,
    cluster: DEFAULT_CLUSTER,
    inspectEverySeconds: 3_600,
  });
  const program = waitingProgram();
  let api = await platform.serve();
  let said = '';
  const sink = { write: (text: string) => void (said += text) };
  const exitCode = runProgram(['admin', 'while-paused', '--', ...program.command], {
    env: { STORE_PLATFORM_URL: api.url },
    out: sink,
    err: sink,
    signal: new AbortController().signal,
    ask: undefined,
    openUrl: async () => undefined,
  });
  const schedules = () => createScheduleControl(platform.client, installation).list([DEFAULT_CLUSTER]);
  await program.started();
  expect((await schedules()).map(({ isPaused }) => isPaused)).toEqual([true, true, true, true]);
  await api.close(0);
  await work();
  api = await platform.serve(Number(new URL(api.url).port));
  program.end();
  expect([await exitCode, said]).toEqual([0, expect.stringContaining('Resumed reconcile-cluster of default.')]);
  expect((await schedules()).map(({ isPaused }) => isPaused)).toEqual([false, false, false, false]);
  await api.close(0);
  // From here on the test runs the passes itself.
  const ids = { ...scheduleIdsOf(installation), ...clusterScheduleIdsOf(installation, DEFAULT_CLUSTER) };
  for (const id of Object.values(ids))
    await platform.client.schedule
      .getHandle(id)
      .delete()
      .catch(() => undefined);
}

describe('a restore', () => {
  const live: Store[] = [];

  /** Returns the check that these stores live with all their data, that the stores of earlier tests do, and that nothing else is left. */
  async function surviving(survivors: readonly Store[]): Promise<() => Promise<void>> {
    const before = await Promise.all(survivors.map(dataOf));
    return async () => {
      live.push(...survivors);
      await expectInvariants(live);
      expect(await Promise.all(survivors.map(dataOf))).toEqual(before);
    };
  }

  test('of Postgres to a point in time loses no store and leaves nothing behind', async () => {
    await servers.postgres.takeBaseBackup();
    const stores = await storesBeforeThePoint();
    await passOverCluster();
    const point = await servers.postgres.now();
    await endOperations(stores);
    const { created, interrupted } = await storesAfterThePoint(stores);
    const expectSurvival = await surviving([stores.old, stores.provisioning, created, interrupted]);

    await whilePaused(() => afterRestore(() => servers.postgres.restore(point)));
    expect((await platform.get(stores.provisioning.storeId)).status).toBe('provisioning');
    expect((await platform.request('GET', `/api/stores/${created.storeId}`)).status).toBe(404);
    await adoptAndConfirm();
    await reconcile();
    await retryUnfinished(interrupted);
    await deleteWhatIsGone(stores.deletedLater);

    await expectSurvival();
  }, 240_000);

  test('of Temporal to an older point loses no store and leaves nothing behind', async () => {
    const stores = await storesBeforeThePoint();
    await servers.temporal.backUp();
    await endOperations(stores);
    const { created, interrupted } = await storesAfterThePoint(stores);
    const expectSurvival = await surviving([stores.old, stores.provisioning, created, interrupted]);

    await afterRestore(() => servers.temporal.restore());
    await reconcile();

    await expectSurvival();
  }, 240_000);

  test('of both to different points loses no store and leaves nothing behind', async () => {
    await servers.postgres.takeBaseBackup();
    const stores = await storesBeforeThePoint();
    await servers.temporal.backUp();
    await endOperations(stores);
    const between = await readyStore();
    await passOverCluster();
    const point = await servers.postgres.now();
    const { created, interrupted } = await storesAfterThePoint(stores);
    const expectSurvival = await surviving([stores.old, stores.provisioning, between, created, interrupted]);

    await afterRestore(async () => {
      await Promise.all([servers.postgres.restore(point), servers.temporal.restore()]);
    });
    await adoptAndConfirm();
    await reconcile();
    await retryUnfinished(interrupted);
    await deleteWhatIsGone(stores.deletedLater);

    await expectSurvival();
  }, 240_000);
});
