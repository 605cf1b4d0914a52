import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  clusterQueuesOf,
  clusterScheduleIdsOf,
  DEFAULT_CLUSTER,
  LABELS,
  scheduleIdsOf,
  taskQueuesOf,
  workflowIdOf,
  type ClusterScheduleIds,
  type ScheduleIds,
} from '../../domain/names.ts';
import { clusterLeftovers } from '../harness/platform/cluster-leftovers.ts';
import { readInstallation } from '../harness/platform/installation.ts';
import { startApiProcess, startWorkerProcess, type PlatformProcess } from '../harness/platform/processes.ts';
import { createDatabase, eventually, kubeClients, testStack, type TestDatabase } from '../harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../harness/stack/temporal-namespace.ts';
import type { Store } from '../../api/contract/store.ts';

/** The API and a worker on a database of their own. All installations share the cluster and the Temporal namespace. */
interface Installation {
  readonly id: string;
  readonly url: string;
  readonly database: TestDatabase;
  readonly processes: readonly PlatformProcess[];
}

const { core, apps } = kubeClients();
let temporal: TestNamespace;
let prod: Installation;
let staging: Installation;

beforeAll(async () => {
  temporal = await createTemporalNamespace();
  [prod, staging] = await Promise.all([startInstallation(), startInstallation()]);
});
afterAll(async () => {
  for (const { processes, database } of [prod, staging]) {
    for (const process of processes) await process.kill('SIGKILL');
    await database.drop();
  }
  await temporal.close();
});

async function startInstallation(): Promise<Installation> {
  const database = await createDatabase();
  const env = {
    ...testStack(),
    DATABASE_URL: database.url,
    TEMPORAL_NAMESPACE: temporal.namespace,
    // An object of the other installation that counts as an orphan would be removed in the same pass.
    ORPHAN_GRACE_SECONDS: '0',
  };
  const api = await startApiProcess(env);
  const worker = await startWorkerProcess(env);
  return { id: await readInstallation(database.url), url: api.url, database, processes: [api, worker] };
}

/** Sends a create request that is equal in every test and every installation. */
async function create({ url }: Installation): Promise<Store> {
  const response = await fetch(`${url}/api/stores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'order-42' },
    body: JSON.stringify({ name: 'Acme Shoes', engine: 'woocommerce' }),
  });
  expect(response.status).toBe(202);
  return (await response.json()) as Store;
}

async function settled({ url }: Installation, storeId: string, status: Store['status']): Promise<Store> {
  return eventually(
    async () => {
      const store = (await (await fetch(`${url}/api/stores/${storeId}`)).json()) as Store;
      if (store.status === status && store.operation === null) return store;
      throw new Error(`the store is ${store.status}: ${JSON.stringify(store.operation ?? store.failure)}`);
    },
    { deadlineMs: 110_000 },
  );
}

/** Runs a schedule of both installations and waits until a run of each has completed. */
async function runSchedules(name: keyof ScheduleIds | keyof ClusterScheduleIds): Promise<void> {
  for (const { id } of [prod, staging]) {
    const scheduleId = { ...scheduleIdsOf(id), ...clusterScheduleIdsOf(id, DEFAULT_CLUSTER) }[name];
    const before = await completedRunsOf(scheduleId);
    await eventually(
      async () => {
        await temporal.client.schedule.getHandle(scheduleId).trigger();
        return (await completedRunsOf(scheduleId)) > before;
      },
      { deadlineMs: 60_000, intervalMs: 1_000 },
    );
  }
}

async function completedRunsOf(scheduleId: string): Promise<number> {
  let count = 0;
  for await (const run of temporal.client.workflow.list({ query: 'ExecutionStatus = "Completed"' })) {
    if (run.workflowId.startsWith(scheduleId)) count += 1;
  }
  return count;
}

/** Returns the objects of a store with everything in them that the other installation could change. */
async function objectsOf({ namespace }: Store): Promise<object> {
  const [self, secrets, deployments, claims, volumes] = await Promise.all([
    core.readNamespace({ name: namespace }),
    core.listNamespacedSecret({ namespace }),
    apps.listNamespacedDeployment({ namespace }),
    core.listNamespacedPersistentVolumeClaim({ namespace }),
    core.listPersistentVolume(),
  ]);
  return {
    namespace: { uid: self.metadata?.uid, labels: self.metadata?.labels, annotations: self.metadata?.annotations },
    secrets: secrets.items.map(({ metadata, data }) => [metadata?.name, metadata?.labels, data]),
    deployments: deployments.items.map(({ metadata }) => [metadata?.name, metadata?.uid, metadata?.generation]),
    claims: claims.items.map(({ metadata, spec }) => [metadata?.uid, spec?.volumeName]),
    volumes: volumes.items
      .filter(({ spec }) => spec?.claimRef?.namespace === namespace)
      .map(({ metadata, spec }) => [metadata?.uid, metadata?.labels, spec?.persistentVolumeReclaimPolicy]),
  };
}

/** Returns the task queues of a store's newest run: those of the workflow and of its activities. */
async function queuesOf(storeId: string): Promise<ReadonlySet<string>> {
  const handle = temporal.client.workflow.getHandle(workflowIdOf(storeId));
  const [{ taskQueue }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
  const activities = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.taskQueue?.name ?? [],
  );
  return new Set([taskQueue, ...activities]);
}

async function eventTypesOf({ url }: Installation, storeId: string): Promise<readonly string[]> {
  const body = (await (await fetch(`${url}/api/stores/${storeId}/events?limit=1000`)).json()) as {
    data: { type: string }[];
  };
  return body.data.map(({ type }) => type);
}

async function orphansIn({ url }: Installation, namespaces: readonly string[]): Promise<readonly unknown[]> {
  const body = (await (await fetch(`${url}/api/orphans?limit=500`)).json()) as {
    data: { name: string; namespace: string | null }[];
  };
  return body.data.filter(({ name, namespace }) => namespaces.includes(name) || namespaces.includes(namespace ?? ''));
}

test('installations that get the same request share a cluster and Temporal, and neither changes the store of the other', async () => {
  expect(prod.id).not.toBe(staging.id);
  const requested = await Promise.all([create(prod), create(staging)]);
  const [own, other] = await Promise.all([
    settled(prod, requested[0].storeId, 'ready'),
    settled(staging, requested[1].storeId, 'ready'),
  ]);
  expect(own.storeId).not.toBe(other.storeId);
  expect(own.namespace).not.toBe(other.namespace);
  expect(own.releaseName).not.toBe(other.releaseName);
  for (const [{ id }, { storeId, namespace }] of [
    [prod, own],
    [staging, other],
  ] as const) {
    const labels = { [LABELS.installation]: id, [LABELS.storeId]: storeId };
    expect(await core.readNamespace({ name: namespace })).toMatchObject({ metadata: { labels } });
    const { control } = taskQueuesOf(id);
    const { helm, watch } = clusterQueuesOf(id, DEFAULT_CLUSTER);
    expect(await queuesOf(storeId)).toEqual(new Set([control, helm, watch]));
  }

  // A repeated request returns the store of the installation that gets it.
  expect((await create(prod)).storeId).toBe(own.storeId);
  expect((await create(staging)).storeId).toBe(other.storeId);

  const before = await objectsOf(own);
  const otherBefore = await objectsOf(other);
  await runSchedules('reconcileStores');
  await runSchedules('reconcileCluster');
  expect(await objectsOf(own)).toEqual(before);
  expect(await objectsOf(other)).toEqual(otherBefore);

  await fetch(`${staging.url}/api/stores/${other.storeId}`, { method: 'DELETE' });
  await settled(staging, other.storeId, 'deleted');
  expect(await clusterLeftovers(other)).toEqual([]);
  // A store of one installation does not exist for the other one.
  expect((await fetch(`${staging.url}/api/stores/${own.storeId}`, { method: 'DELETE' })).status).toBe(404);
  await runSchedules('reconcileStores');
  await runSchedules('reconcileCluster');
  expect(await objectsOf(own)).toEqual(before);
  expect(await settled(prod, own.storeId, 'ready')).toMatchObject({ drift: null });
  expect(await eventTypesOf(prod, own.storeId)).not.toContain('store.drifted');
  for (const installation of [prod, staging]) {
    expect(await orphansIn(installation, [own.namespace, other.namespace])).toEqual([]);
  }

  await fetch(`${prod.url}/api/stores/${own.storeId}`, { method: 'DELETE' });
  await settled(prod, own.storeId, 'deleted');
  expect(await clusterLeftovers(own)).toEqual([]);
}, 300_000);
