import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { namespaceObject } from '../../activities/namespace/objects.ts';
import { DEFAULT_CLUSTER, taskQueuesOf } from '../../domain/names.ts';
import type { Store } from '../../api/contract/store.ts';
import type { Unaccounted } from '../../api/contract/admin.ts';
import type { reconcileCluster } from '../../workflows/index.ts';
import { targetOf } from '../factories/store-target.ts';
import { InterruptedCluster } from '../fakes/interrupted-cluster.ts';
import { clusterInput, openTestCluster, type TestCluster } from '../harness/platform/cluster-activities.ts';
import { clusterLeftovers } from '../harness/platform/cluster-leftovers.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { eventually } from '../harness/stack/stack.ts';
import { backUpTables, type TableBackup } from '../harness/stack/table-backup.ts';

const INSTALLATION = randomUUID();

let cluster: TestCluster;
let platform: TestPlatform;
let failing: InterruptedCluster;
let database: Pool;

beforeAll(async () => {
  cluster = await openTestCluster();
  const activities = cluster.activities({ installation: INSTALLATION });
  failing = new InterruptedCluster(activities);
  platform = await startPlatform({
    cluster: failing,
    reconciler: {
      cluster: cluster.reconciler({ installation: INSTALLATION, ensureRelease: activities.ensureRelease }),
      // An orphan that is removable is removed by the pass that finds it.
      orphanGraceSeconds: 0,
    },
  });
  database = new Pool({ connectionString: platform.databaseUrl, max: 2 });
});
afterAll(async () => {
  await database.end();
  await platform.stop();
});

/** Runs one pass over the whole cluster, as the schedule does. */
async function pass() {
  return platform.client.workflow.execute<typeof reconcileCluster>('reconcileCluster', {
    workflowId: `pass-${randomUUID()}`,
    taskQueue: taskQueuesOf(platform.installation).control,
    args: [{ cluster: DEFAULT_CLUSTER }],
  });
}

async function readyStore(input: Parameters<TestPlatform['create']>[0] = {}): Promise<Store> {
  const { storeId } = await platform.create(input);
  return platform.settled(storeId, 'ready');
}

async function json<T>(method: string, path: string): Promise<T> {
  return (await (await platform.request(method, path)).json()) as T;
}

function decide(namespace: string, decision: 'adopt' | 'keep' | 'remove'): Promise<Response> {
  return platform.request('POST', `/api/admin/unaccounted/${namespace}/${decision}`);
}

async function unaccountedNames(): Promise<readonly string[]> {
  const { data } = await json<{ data: Unaccounted[] }>('GET', '/api/admin/unaccounted');
  return data.map(({ namespace }) => namespace).toSorted();
}

/** Returns what a store loses when it is removed and created again. */
async function dataOf({ namespace }: Store) {
  const [self, claims, secret] = await Promise.all([
    cluster.kube.core.readNamespace({ name: namespace }),
    cluster.kube.core.listNamespacedPersistentVolumeClaim({ namespace }),
    cluster.kube.core.readNamespacedSecret({ name: 'store-secrets', namespace }),
  ]);
  return {
    namespace: [self.metadata?.uid, self.metadata?.deletionTimestamp],
    claims: claims.items.map(({ metadata, spec }) => [metadata?.name, metadata?.uid, spec?.volumeName]),
    secret: secret.data,
  };
}

async function liveStores(): Promise<number> {
  const { rows } = await database.query<{ live: number }>(
    'select coalesce(sum(live_stores), 0)::int as live from tenant_quotas',
  );
  return rows[0]?.live ?? 0;
}

describe('stores that were created after the backup', () => {
  const key = randomUUID();
  const name = 'Café 東京 👟';
  let backup: TableBackup;
  let recorded: Store;
  let lost: Store;
  let other: Store;
  let before: readonly object[];
  let stray: string;

  beforeAll(async () => {
    recorded = await readyStore();
    await pass();
    backup = await backUpTables(database);
    lost = await readyStore({ key, name, onFailure: 'hold', volumePolicy: { keepForDays: 7 } });
    other = await readyStore({ engine: 'medusa' });
    await pass();
    before = await Promise.all([lost, other].map(dataOf));
    await backup.restore();
    const { store } = clusterInput();
    await cluster.kube.core.createNamespace({ body: namespaceObject({ ...store, installation: INSTALLATION }) });
    stray = store.namespace;
  });

  test('are all there with their data after passes beyond the grace period, and are listed as unaccounted', async () => {
    for (let passes = 0; passes < 3; passes += 1) expect(await pass()).toMatchObject({ removed: 0 });
    expect(await Promise.all([lost, other].map(dataOf))).toEqual(before);
    expect(await unaccountedNames()).toEqual([lost.namespace, other.namespace].toSorted());
    const { data } = await json<{ data: Unaccounted[] }>('GET', '/api/admin/unaccounted');
    expect(data.find(({ namespace }) => namespace === lost.namespace)).toMatchObject({
      storeId: lost.storeId,
      name,
      engine: 'woocommerce',
      evidence: {
        readySince: expect.any(String),
        boundClaims: ['data'],
        readyPods: expect.arrayContaining([expect.any(String)]),
      },
      decision: null,
    });
    const { data: orphans } = await json<{ data: { name: string }[] }>('GET', '/api/orphans');
    const names = orphans.map((orphan) => orphan.name);
    expect(names).toContain(stray);
    expect(names.filter((orphan) => [lost.namespace, other.namespace].includes(orphan))).toEqual([]);
  });

  test('pause removals until an operator confirms: then an orphan without data is removed, and no store is', async () => {
    expect(await json('GET', '/api/admin/removals')).toMatchObject({
      state: 'paused',
      reason: expect.stringContaining('went back to an earlier state'),
      since: expect.any(String),
    });
    expect(await json('POST', '/api/admin/removals/resume')).toMatchObject({ state: 'resuming' });
    expect(await pass()).toMatchObject({ removed: 1 });
    expect(await json('GET', '/api/admin/removals')).toEqual({ state: 'active', reason: null, since: null });
    await eventually(async () => {
      const { items } = await cluster.kube.core.listNamespace({ fieldSelector: `metadata.name=${stray}` });
      return items.length === 0;
    });
    expect(await Promise.all([lost, other].map(dataOf))).toEqual(before);
  });

  test('can be kept, and the decision stays', async () => {
    expect((await decide(other.namespace, 'keep')).status).toBe(202);
    await pass();
    const { data } = await json<{ data: Unaccounted[] }>('GET', '/api/admin/unaccounted');
    expect(data.find(({ namespace }) => namespace === other.namespace)).toMatchObject({ decision: 'keep' });
    expect(await dataOf(other)).toEqual(before[1]);
  });

  test('can be adopted with all that their record had, are counted in the quota, and are adopted once', async () => {
    const live = await liveStores();
    expect((await decide(lost.namespace, 'adopt')).status).toBe(202);
    const adopted = await eventually(async () => platform.get(lost.storeId));
    for (const field of ['name', 'engine', 'namespace', 'releaseName', 'status'] as const) {
      expect([field, adopted[field]]).toEqual([field, lost[field]]);
    }
    expect(adopted.urls).toEqual(lost.urls);
    expect(adopted).toMatchObject({ onFailure: 'hold', volumePolicy: { keepForDays: 7 }, drift: null });
    expect((await platform.events(lost.storeId)).map(({ type }) => type)).toEqual(['store.adopted']);
    expect(await liveStores()).toBe(live + 1);
    expect((await decide(lost.namespace, 'adopt')).status).toBe(202);
    expect(await liveStores()).toBe(live + 1);
    expect(await unaccountedNames()).toEqual([other.namespace]);
    expect(await dataOf(lost)).toEqual(before[0]);
  });

  test('are returned for their idempotency key after they were adopted', async () => {
    const again = await platform.create({ key, name, onFailure: 'hold', volumePolicy: { keepForDays: 7 } });
    expect(again).toMatchObject({ storeId: lost.storeId, status: 'ready' });
    const response = await platform.request('POST', '/api/stores', { key, body: { name: 'Other', engine: 'medusa' } });
    expect(response.status).toBe(422);
  });

  test('a namespace whose store has a record is rejected with one problem', async () => {
    for (const decision of ['adopt', 'keep', 'remove'] as const) {
      const response = await decide(recorded.namespace, decision);
      expect(await response.json()).toMatchObject({ status: 409, code: 'NAMESPACE_RECORDED' });
    }
  });

  test('are inspected and repaired after they were adopted', async () => {
    const { namespace } = lost;
    await cluster.kube.core.deleteNamespacedService({ name: 'web', namespace });
    await pass();
    await eventually(async () => cluster.kube.core.readNamespacedService({ name: 'web', namespace }));
    await eventually(async () => (await platform.get(lost.storeId)).drift === null);
  });

  test('can be deleted after they were adopted, and nothing of them is left', async () => {
    await platform.request('DELETE', `/api/stores/${lost.storeId}?volumePolicy=delete`);
    await platform.settled(lost.storeId, 'deleted');
    expect(await clusterLeftovers(lost)).toEqual([]);
  });

  test('can be removed by an operator, and nothing of them is left', async () => {
    expect((await decide(other.namespace, 'remove')).status).toBe(202);
    await eventually(async () => (await clusterLeftovers(other)).length === 0, { deadlineMs: 30_000 });
    await pass();
    expect(await unaccountedNames()).toEqual([]);
  });
});

test('a create with the key of a store whose record was lost does not delete its data when the provision fails', async () => {
  const key = randomUUID();
  const backup = await backUpTables(database);
  const store = await readyStore({ key });
  const before = await dataOf(store);
  await backup.restore();
  failing.failNext('verifyStore', { moment: 'after' });
  await platform.create({ key });
  // Temporal remembers a run of this store, so the reconciler starts this one.
  await platform.operations.start('provision', { store: targetOf(store), correlationId: 'test' });
  const failed = await platform.settled(store.storeId, 'failed');
  expect(failed.failure).toMatchObject({ code: 'UNDO_INCOMPLETE' });
  expect(await dataOf(store)).toEqual(before);

  // Its record says that it was never ready. Without the mark, its leftovers would be removed now.
  await database.query("update stores set updated_at = now() - interval '3 hours' where id = $1", [store.storeId]);
  expect(await pass()).toMatchObject({ cleanupsStarted: 0 });
  expect(await dataOf(store)).toEqual(before);
  await platform.request('POST', `/api/stores/${store.storeId}/retry`);
  await platform.settled(store.storeId, 'ready');
  expect(await dataOf(store)).toEqual(before);
});
