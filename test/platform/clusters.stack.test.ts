import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CoreV1Api } from '@kubernetes/client-node';
import type { Cluster } from '../../api/contract/cluster.ts';
import type { Store } from '../../api/contract/store.ts';
import { clusterQueuesOf, LABELS, taskQueuesOf, workflowIdOf } from '../../domain/names.ts';
import { readInstallation } from '../harness/platform/installation.ts';
import { startPrivateCluster, type PrivateCluster } from '../harness/platform/private-cluster.ts';
import { startApiProcess, startWorkerProcess, type PlatformProcess } from '../harness/platform/processes.ts';
import { createDatabase, eventually, kubeClients, testStack, type TestDatabase } from '../harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../harness/stack/temporal-namespace.ts';

/** Stores over both clusters. A machine of its own can take 100 of them: see docs/testing.md. */
const STORES = Number(process.env['CLUSTER_TEST_STORES'] ?? 20);
const DEADLINE_MS = 240_000;

let temporal: TestNamespace;
let database: TestDatabase;
let second: PrivateCluster;
let processes: readonly PlatformProcess[];
let installation: string;
let url: string;
let stores: readonly Store[];

beforeAll(async () => {
  [temporal, database, second] = await Promise.all([
    createTemporalNamespace(),
    createDatabase(),
    startPrivateCluster(),
  ]);
  const env = {
    ...testStack(),
    DATABASE_URL: database.url,
    TEMPORAL_NAMESPACE: temporal.namespace,
    MAX_STORES_PER_TENANT: '1000',
    // Without slots of its own for each cluster, the provisions of a killed cluster would hold those of the other one.
    MAX_RUNNING_PER_TENANT: '4',
  };
  const api = await startApiProcess(env);
  ({ url } = api);
  await request('POST', '/api/admin/clusters', { name: 'one', labels: { site: 'one' }, kubeconfigRef: 'one' });
  await request('POST', '/api/admin/clusters', { name: 'two', labels: { site: 'two' } });
  const workers = [
    await startWorkerProcess(env, { CLUSTER_NAME: 'one' }),
    await startWorkerProcess(env, { CLUSTER_NAME: 'two', KUBECONFIG: second.kubeconfig }),
  ];
  processes = [api, ...workers];
  installation = await readInstallation(database.url);
}, 600_000);
afterAll(async () => {
  for (const process of processes) await process.kill('SIGKILL');
  await database.drop();
  await temporal.close();
  await second.stop();
});

async function request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'idempotency-key': randomUUID(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

/** Requests a store, in the cluster with this site or in any. */
async function create(site?: string): Promise<Store> {
  const placement = site === undefined ? {} : { placement: { labels: { site } } };
  const { status, body } = await request('POST', '/api/stores', {
    name: 'Acme Shoes',
    engine: 'woocommerce',
    ...placement,
  });
  expect(status).toBe(202);
  return body as Store;
}

async function createMany(count: number, site?: string): Promise<readonly Store[]> {
  const created: Store[] = [];
  for (let number = 0; number < count; number += 1) created.push(await create(site));
  return created;
}

async function remove({ storeId }: Store): Promise<void> {
  expect((await request('DELETE', `/api/stores/${storeId}`)).status).toBe(202);
}

const get = async (storeId: string): Promise<Store> => (await request('GET', `/api/stores/${storeId}`)).body as Store;

/** Waits until no operation runs on the stores and all have this status. */
function settled(all: readonly Store[], status: Store['status']): Promise<readonly Store[]> {
  return eventually(
    async () => {
      const now = await Promise.all(all.map(({ storeId }) => get(storeId)));
      const other = now.find((store) => store.status !== status || store.operation !== null);
      if (other === undefined) return now;
      throw new Error(`a store is ${other.status}: ${JSON.stringify(other.operation ?? other.failure)}`);
    },
    { deadlineMs: DEADLINE_MS, intervalMs: 1_000 },
  );
}

async function clusterNamed(name: string): Promise<Cluster> {
  const { data } = (await request('GET', '/api/admin/clusters')).body as { data: readonly Cluster[] };
  const found = data.find((cluster) => cluster.name === name);
  if (found === undefined) throw new Error(`there is no cluster ${name}`);
  return found;
}

/** Returns the namespaces of stores that the control plane of a cluster has of this installation. */
async function namespacesIn(cluster: 'one' | 'two'): Promise<readonly string[]> {
  const core = cluster === 'one' ? kubeClients().core : second.config.makeApiClient(CoreV1Api);
  const labelSelector = `${LABELS.installation}=${installation},${LABELS.storeId}`;
  const { items } = await core.listNamespace({ labelSelector });
  return items.map(({ metadata }) => metadata?.name ?? '').toSorted();
}

/** Returns the task queues of the newest run of a store: those of the workflow and of its activities. */
async function queuesOf({ storeId }: Store): Promise<ReadonlySet<string>> {
  const handle = temporal.client.workflow.getHandle(workflowIdOf(storeId));
  const [{ taskQueue }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
  const activities = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.taskQueue?.name ?? [],
  );
  return new Set([taskQueue, ...activities]);
}

const inCluster = (name: string): readonly Store[] => stores.filter(({ cluster }) => cluster === name);

test('stores spread over both clusters, and each cluster has only its own', async () => {
  stores = await settled(await createMany(STORES), 'ready');
  expect([inCluster('one').length, inCluster('two').length]).toEqual([STORES / 2, STORES / 2]);
  for (const name of ['one', 'two'] as const) {
    const own = inCluster(name);
    expect(await namespacesIn(name)).toEqual(own.map(({ namespace }) => namespace).toSorted());
    const { control } = taskQueuesOf(installation);
    const { helm, watch } = clusterQueuesOf(installation, name);
    expect(await queuesOf(own[0]!)).toEqual(new Set([control, helm, watch]));
    expect(await clusterNamed(name)).toMatchObject({
      residentStores: STORES / 2,
      isReachable: true,
      nodes: 'simulated',
    });
  }
}, 600_000);

describe('while one control plane is killed', () => {
  let ready: readonly Store[];
  let waiting: readonly Store[];
  let deleting: readonly Store[];

  test('stores of the other one become ready and are deleted', async () => {
    await second.kill();
    // More than the tenant has slots in the cluster.
    waiting = await createMany(6, 'two');
    deleting = inCluster('two').slice(0, 2);
    for (const store of deleting) await remove(store);
    ready = await settled(await createMany(4, 'one'), 'ready');
    const gone = inCluster('one').slice(0, 2);
    for (const store of gone) await remove(store);
    await settled(gone, 'deleted');
    expect(await namespacesIn('one')).not.toEqual(expect.arrayContaining(gone.map(({ namespace }) => namespace)));
    const now = await Promise.all([...waiting, ...deleting].map(({ storeId }) => get(storeId)));
    expect(now.map(({ status }) => status)).toEqual([
      ...waiting.map(() => expect.stringMatching(/^(requested|provisioning)$/)),
      ...deleting.map(() => 'deleting'),
    ]);
  }, 600_000);

  test('new stores are placed in the other one', async () => {
    await eventually(async () => !(await clusterNamed('two')).isReachable, { deadlineMs: DEADLINE_MS });
    // The killed cluster has the most free places.
    await request('PATCH', '/api/admin/clusters/one', { capacity: 2 * STORES });
    const [placed] = await settled([await create()], 'ready');
    expect(placed?.cluster).toBe('one');
  }, 600_000);

  test('and everything settles after its return', async () => {
    await second.restart();
    await settled(waiting, 'ready');
    await settled(deleting, 'deleted');
    await settled(ready, 'ready');
    await eventually(async () => (await clusterNamed('two')).isReachable, { deadlineMs: DEADLINE_MS });
    const { body } = await request('GET', '/api/stores?limit=100&status=failed&status=cancelled');
    expect(body).toMatchObject({ data: [] });
    const left = [...inCluster('two').slice(2), ...waiting].map(({ namespace }) => namespace).toSorted();
    expect(await namespacesIn('two')).toEqual(left);
  }, 600_000);
});

test('a draining cluster takes no new store, moves none, and its stores can be deleted', async () => {
  const before = await clusterNamed('two');
  await request('PATCH', '/api/admin/clusters/two', { status: 'draining' });
  expect(
    await request('POST', '/api/stores', {
      name: 'Acme Shoes',
      engine: 'woocommerce',
      placement: { labels: { site: 'two' } },
    }),
  ).toMatchObject({ status: 409, body: { code: 'CLUSTER_NOT_ACCEPTING', reason: 'draining', clusters: ['two'] } });
  expect((await create()).cluster).toBe('one');
  const stays = inCluster('two').slice(2);
  expect(await clusterNamed('two')).toMatchObject({ status: 'draining', residentStores: before.residentStores });
  expect((await settled(stays, 'ready')).map(({ cluster }) => cluster)).toEqual(stays.map(() => 'two'));
  await remove(stays[0]!);
  await settled(stays.slice(0, 1), 'deleted');
  expect(await clusterNamed('two')).toMatchObject({ residentStores: before.residentStores - 1 });
}, 600_000);
