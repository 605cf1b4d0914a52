import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { namespaceObject } from '../../activities/namespace/objects.ts';
import { createLostRunActivities } from '../../activities/reconcile/lost-runs.ts';
import { openDb } from '../../db/connection/open-db.ts';
import { createConditionRecords } from '../../db/stores/conditions.ts';
import { createReconcileRecords } from '../../db/reconcile/reconcile-records.ts';
import { DEFAULT_CLUSTER, ANNOTATIONS, LABELS, taskQueuesOf, workflowIdOf } from '../../domain/names.ts';
import { createRunProgressReader } from '../../temporal/run-progress.ts';
import type { reconcileCluster } from '../../workflows/index.ts';
import { InterruptedCluster } from '../fakes/interrupted-cluster.ts';
import { asActivity, clusterInput, openTestCluster, type TestCluster } from '../harness/platform/cluster-activities.ts';
import { clusterLeftovers } from '../harness/platform/cluster-leftovers.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { eventually } from '../harness/stack/stack.ts';
import type { Store } from '../../api/contract/store.ts';

/** The installation id of this file only: other test files share the cluster. */
const INSTALLATION = randomUUID();

let cluster: TestCluster;
let platform: TestPlatform;
let failing: InterruptedCluster;
let records: Pool;

beforeAll(async () => {
  cluster = await openTestCluster();
  const activities = cluster.activities({ installation: INSTALLATION });
  failing = new InterruptedCluster(activities);
  platform = await startPlatform({
    cluster: failing,
    reconciler: {
      cluster: cluster.reconciler({ installation: INSTALLATION, ensureRelease: activities.ensureRelease }),
      orphanGraceSeconds: 0,
      maxOrphanRemovals: 2,
    },
  });
  records = new Pool({ connectionString: platform.databaseUrl, max: 2 });
});
afterAll(async () => {
  await records.end();
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

async function readyStore(): Promise<Store> {
  const { storeId: id } = await platform.create();
  return platform.settled(id, 'ready');
}

/** Waits until no run holds the store's workflow id. */
async function noOpenRun(storeId: string): Promise<void> {
  await eventually(async () => (await platform.operations.observe(storeId)).kind !== 'open');
}

async function typesOf(storeId: string): Promise<readonly string[]> {
  return (await platform.events(storeId)).map(({ type }) => type);
}

/** Sets the last update of a record to three hours ago. */
async function ageRecord(storeId: string): Promise<void> {
  await records.query("update stores set updated_at = now() - interval '3 hours' where id = $1", [storeId]);
}

/** Makes the run of a store disappear: terminated, or also deleted from Temporal. */
async function lose(storeId: string, how: 'terminated' | 'forgotten'): Promise<void> {
  const workflowId = workflowIdOf(storeId);
  await platform.client.workflow.getHandle(workflowId).terminate('by an operator');
  if (how === 'forgotten') {
    const { namespace } = platform;
    await platform.client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
    // The server deletes a run only after it acknowledged its transfer queue, which it does every 30 s.
    await eventually(async () => (await platform.operations.observe(storeId)).kind === 'unknown', {
      deadlineMs: 90_000,
    });
  }
  await ageRecord(storeId);
}

/** Runs one page of the search for lost runs with a clock two hours ahead: the search skips runs that closed recently. */
async function restartLost(): Promise<number> {
  const opened = openDb({ databaseUrl: platform.databaseUrl, poolSize: 2, applicationName: 'test', log: console });
  const reconciler = createReconcileRecords(opened.db);
  const reconciliation = createLostRunActivities({
    unstarted: { listUnstarted: async () => [] },
    running: reconciler,
    operations: platform.operations,
    progress: createRunProgressReader(platform.client, platform.installation),
    conditions: createConditionRecords(opened.db),
    now: () => new Date(Date.now() + 7_200_000),
  });
  const input = {
    olderThanSeconds: 3_600,
    pageSize: 100,
    after: null,
    scope: 'active',
    deletesIn: [DEFAULT_CLUSTER],
  } as const;
  const { started } = await asActivity(reconciliation.restartLost, input);
  await opened.close();
  return started;
}

async function secretOf(storeId: string) {
  const { namespace } = await platform.get(storeId);
  return (await cluster.kube.core.readNamespacedSecret({ name: 'store-secrets', namespace })).data;
}

/** Lists the orphans with these names, and whether the removal limit holds them back. */
async function orphansNamed(...names: readonly string[]) {
  const response = await platform.request('GET', '/api/orphans?limit=500');
  const { data, removal } = (await response.json()) as {
    data: { uid: string; kind: string; name: string; removableAfter: string | null; reason: string }[];
    removal: { due: number; heldBack: number; limit: number; isHeldBack: boolean };
  };
  return { orphans: data.filter(({ name }) => names.includes(name)), removal };
}

/** Approves the removal of the orphaned namespace with this name. */
async function approve(name: string): Promise<void> {
  const { orphans } = await orphansNamed(name);
  const response = await platform.request('POST', `/api/orphans/${orphans[0]?.uid}/remove`);
  expect(response.status).toBe(202);
}

/** Creates a namespace like that of a store, but without a record in the database. */
async function strayNamespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const { store } = clusterInput();
  const object = namespaceObject({ ...store, installation: INSTALLATION });
  Object.assign(object.metadata?.labels ?? {}, labels);
  await cluster.kube.core.createNamespace({ body: object });
  return store.namespace;
}

async function exists(namespace: string): Promise<boolean> {
  const { items } = await cluster.kube.core.listNamespace({ fieldSelector: `metadata.name=${namespace}` });
  return items.some(({ metadata }) => metadata?.deletionTimestamp === undefined);
}

async function claimsOf(namespace: string): Promise<readonly string[]> {
  const { items } = await cluster.kube.core.listNamespacedPersistentVolumeClaim({ namespace });
  return items.map(({ metadata }) => metadata?.name ?? '');
}

describe('drift of a ready store', () => {
  test('an edited object is reported, repaired under its field manager helm, and the repair is reported', async () => {
    const store = await readyStore();
    const { namespace } = store;
    await cluster.kube.apps.patchNamespacedDeployment({
      name: 'web',
      namespace,
      fieldManager: 'kubectl-edit',
      body: [{ op: 'replace', path: '/spec/replicas', value: 3 }],
    });
    await pass();
    await noOpenRun(store.storeId);
    const { spec, metadata } = await cluster.kube.apps.readNamespacedDeployment({ name: 'web', namespace });
    expect(spec?.replicas).toBe(1);
    expect(metadata?.managedFields?.map(({ manager }) => manager)).toContain('helm');
    const events = await platform.events(store.storeId);
    expect(events.at(-2)).toMatchObject({
      type: 'store.drifted',
      data: { objects: [{ object: 'Deployment/web', state: 'changed', fields: ['spec.replicas'], needsPerson: null }] },
    });
    expect(events.at(-1)).toMatchObject({ type: 'store.repaired', status: 'ready', data: { by: 'platform' } });
    expect(await platform.get(store.storeId)).toMatchObject({ status: 'ready', drift: null });
  });

  test('deleted objects are created again, and the next pass without drift records no event', async () => {
    const store = await readyStore();
    const { namespace } = store;
    await cluster.kube.core.deleteNamespacedService({ name: 'web', namespace });
    await cluster.kube.core.deleteNamespacedResourceQuota({ name: 'store-quota', namespace });
    await pass();
    await noOpenRun(store.storeId);
    await cluster.kube.core.readNamespacedService({ name: 'web', namespace });
    await cluster.kube.core.readNamespacedResourceQuota({ name: 'store-quota', namespace });
    const before = await typesOf(store.storeId);
    await pass();
    expect(await typesOf(store.storeId)).toEqual(before);
    expect(before.slice(-2)).toEqual(['store.drifted', 'store.repaired']);
  });

  test('a store without its namespace stays ready with its drift reported once, and is not created again', async () => {
    const store = await readyStore();
    const { namespace } = store;
    await cluster.kube.core.deleteNamespace({ name: namespace });
    // The cluster deletes volumes shortly after the namespace of their claims.
    await eventually(async () => (await clusterLeftovers(store)).length === 0);
    await pass();
    await pass();
    await noOpenRun(store.storeId);
    const { status, drift } = await platform.get(store.storeId);
    expect(status).toBe('ready');
    expect(drift?.objects).toEqual([
      { object: `Namespace/${namespace}`, state: 'missing', fields: [], needsPerson: expect.stringContaining('data') },
    ]);
    expect((await typesOf(store.storeId)).filter((type) => type === 'store.drifted')).toHaveLength(1);
    expect(await clusterLeftovers(store)).toEqual([]);
  });

  test('a deleted Secret of a store is not generated again and is reported as a case for a person', async () => {
    const store = await readyStore();
    const { namespace } = store;
    await cluster.kube.core.deleteNamespacedSecret({ name: 'store-secrets', namespace });
    await pass();
    await noOpenRun(store.storeId);
    expect((await platform.get(store.storeId)).drift?.objects).toMatchObject([
      { object: 'Secret/store-secrets', state: 'missing', needsPerson: expect.any(String) },
    ]);
    await expect(cluster.kube.core.readNamespacedSecret({ name: 'store-secrets', namespace })).rejects.toThrow('404');
  });

  test('a release without its Helm record is recorded again and keeps its volumes', async () => {
    const store = await readyStore();
    const { namespace } = store;
    const claim = await cluster.kube.core.readNamespacedPersistentVolumeClaim({ name: 'data', namespace });
    await cluster.kube.core.deleteCollectionNamespacedSecret({ namespace, labelSelector: 'owner=helm' });
    await pass();
    await noOpenRun(store.storeId);
    const { items } = await cluster.kube.core.listNamespacedSecret({ namespace, labelSelector: 'owner=helm' });
    expect(items.map(({ metadata }) => metadata?.labels?.['status'])).toEqual(['deployed']);
    const now = await cluster.kube.core.readNamespacedPersistentVolumeClaim({ name: 'data', namespace });
    expect(now.metadata?.uid).toBe(claim.metadata?.uid);
    expect((await platform.get(store.storeId)).drift).toBeNull();
  });
});

describe('a repair with Helm leaves to a person', () => {
  /** Makes Helm's records of a store disappear, so that only a new deployment can repair the release. */
  async function loseRecords({ namespace }: Store): Promise<void> {
    await cluster.kube.core.deleteCollectionNamespacedSecret({ namespace, labelSelector: 'owner=helm' });
  }

  async function reasonsOf(storeId: string) {
    const { drift } = await platform.get(storeId);
    return drift?.objects.map(({ object, needsPerson }) => [object, needsPerson]);
  }

  test('a store of which one of several volume claims is missing, and creates none', async () => {
    const store = await readyStore();
    const { namespace } = store;
    await cluster.kube.core.createNamespacedPersistentVolumeClaim({
      namespace,
      body: {
        metadata: { name: 'other' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
      },
    });
    await loseRecords(store);
    await cluster.kube.core.deleteNamespacedPersistentVolumeClaim({ name: 'data', namespace });
    // A pod that still uses the claim would keep it.
    await cluster.kube.core.deleteCollectionNamespacedPod({ namespace });
    await eventually(async () => (await claimsOf(namespace)).join() === 'other');
    await pass();
    await noOpenRun(store.storeId);
    expect(await reasonsOf(store.storeId)).toEqual([
      ['PersistentVolumeClaim/data', expect.stringContaining('a new volume would be empty')],
      [`Release/${store.releaseName}`, expect.stringContaining('volume claims again, and they would be empty')],
    ]);
    expect(await claimsOf(namespace)).toEqual(['other']);
  });

  test('a store whose chart version or values differ from the present ones, and deploys nothing', async () => {
    const store = await readyStore();
    const { namespace } = store;
    const live = await cluster.kube.core.readNamespace({ name: namespace });
    const mark = JSON.parse(live.metadata?.annotations?.[ANNOTATIONS.ready] ?? '{}') as { release: object };
    for (const [change, reason] of [
      [{ chartVersion: '0.0.9' }, 'from tiny 0.0.9 to tiny 0.1.0'],
      [{ valuesDigest: 'other' }, 'change the values'],
    ] as const) {
      const changed = JSON.stringify({ ...mark, release: { ...mark.release, ...change } });
      await cluster.kube.merge({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, annotations: { [ANNOTATIONS.ready]: changed } },
      });
      await loseRecords(store);
      await pass();
      await noOpenRun(store.storeId);
      expect(await reasonsOf(store.storeId)).toEqual([
        [`Release/${store.releaseName}`, expect.stringContaining(reason)],
      ]);
    }
    const { items } = await cluster.kube.core.listNamespacedSecret({ namespace, labelSelector: 'owner=helm' });
    expect(items).toEqual([]);
  });

  test('a store without a mark gets one from the inspection when it has no drift', async () => {
    const store = await readyStore();
    const metadata = { name: store.namespace, annotations: { [ANNOTATIONS.ready]: null as unknown as string } };
    await cluster.kube.merge({ apiVersion: 'v1', kind: 'Namespace', metadata });
    await pass();
    const { metadata: marked } = await cluster.kube.core.readNamespace({ name: store.namespace });
    expect(JSON.parse(marked?.annotations?.[ANNOTATIONS.ready] ?? '{}')).toMatchObject({
      claims: ['data'],
      release: { chartName: 'tiny', chartVersion: '0.1.0' },
    });
    expect((await platform.get(store.storeId)).drift).toBeNull();
  });
});

describe('orphans', () => {
  test('orphans over the removal limit are listed and all kept, until an operator approves their removal', async () => {
    const strays = await Promise.all([strayNamespace(), strayNamespace(), strayNamespace()]);
    const [first, second, third] = strays;
    const held = await pass();
    expect(held).toMatchObject({ removed: 0, heldBack: 3 });
    const listed = await orphansNamed(...strays);
    expect(listed.orphans).toHaveLength(3);
    expect(listed.removal).toEqual({ due: 3, heldBack: 3, limit: 2, isHeldBack: true });
    expect(await Promise.all(strays.map(exists))).toEqual([true, true, true]);

    // A smaller number of orphans does not mean that there was no mistake.
    await cluster.kube.core.deleteNamespace({ name: first });
    await eventually(async () => !(await exists(first)));
    expect(await pass()).toMatchObject({ removed: 0, heldBack: 2 });
    await approve(second);
    expect(await pass()).toMatchObject({ removed: 1, heldBack: 1 });
    await eventually(async () => !(await exists(second)));
    expect(await exists(third)).toBe(true);
    await approve(third);
    await eventually(async () => {
      await pass();
      return (await orphansNamed(...strays)).orphans.length === 0;
    });
    expect(await exists(third)).toBe(false);
  });

  test('an approved orphan that has data by then is not removed, but listed as unaccounted', async () => {
    const strays = await Promise.all([strayNamespace(), strayNamespace(), strayNamespace()]);
    const [first, second, third] = strays;
    expect(await pass()).toMatchObject({ removed: 0, heldBack: 3 });
    for (const name of strays) await approve(name);
    await cluster.kube.core.createNamespacedPersistentVolumeClaim({
      namespace: first,
      body: {
        metadata: { name: 'data' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          volumeName: 'some-volume',
          resources: { requests: { storage: '1Gi' } },
        },
      },
    });
    expect(await pass()).toMatchObject({ removed: 2, heldBack: 0 });
    await eventually(async () => !(await exists(second)) && !(await exists(third)));
    await pass();
    expect(await exists(first)).toBe(true);
    expect((await orphansNamed(first)).orphans).toEqual([]);
    const unaccounted = await platform.request('GET', '/api/admin/unaccounted');
    expect(await unaccounted.json()).toMatchObject({
      data: [{ namespace: first, evidence: { boundClaims: ['data'] } }],
    });
    await cluster.kube.core.deleteNamespace({ name: first });
    await eventually(async () => !(await exists(first)));
  });

  test("another installation's namespace is not listed, and one with an invalid store id is listed but never removed", async () => {
    const foreign = await strayNamespace({ [LABELS.installation]: randomUUID() });
    const unowned = await strayNamespace({ [LABELS.installation]: INSTALLATION, [LABELS.storeId]: 'not-an-id' });
    expect(await pass()).toMatchObject({ removed: 0 });
    const { orphans } = await orphansNamed(foreign, unowned);
    expect(orphans).toMatchObject([{ kind: 'Namespace', name: unowned, removableAfter: null }]);
    expect(await Promise.all([foreign, unowned].map(exists))).toEqual([true, true]);
    await Promise.all([foreign, unowned].map((name) => cluster.kube.core.deleteNamespace({ name })));
  });

  test('a namespace that appears again after the delete of its store is removed, and the store stays deleted', async () => {
    const store = await readyStore();
    await platform.request('DELETE', `/api/stores/${store.storeId}`);
    await platform.settled(store.storeId, 'deleted');
    const target = { ...clusterInput().store, storeId: store.storeId, namespace: store.namespace };
    await cluster.kube.core.createNamespace({ body: namespaceObject({ ...target, installation: INSTALLATION }) });
    expect(await pass()).toMatchObject({ removed: 1 });
    await eventually(async () => (await typesOf(store.storeId)).at(-1) === 'leftovers.removed');
    expect(await clusterLeftovers(store)).toEqual([]);
    expect((await platform.get(store.storeId)).status).toBe('deleted');
  });

  test('leftovers of a failed store are removed after a quiet period, and the store can still be retried', async () => {
    failing.failNext('ensureRelease', { moment: 'after' }).failNext('deleteNamespace', { moment: 'before' });
    const { storeId: id } = await platform.create();
    const store = await platform.settled(id, 'failed');
    expect(await exists(store.namespace)).toBe(true);
    expect(await pass()).toMatchObject({ cleanupsStarted: 0 });
    await ageRecord(id);
    expect(await pass()).toMatchObject({ cleanupsStarted: 1 });
    await eventually(async () => (await typesOf(id)).at(-1) === 'leftovers.removed');
    expect(await clusterLeftovers(store)).toEqual([]);
    await noOpenRun(id);
    await platform.request('POST', `/api/stores/${id}/retry`);
    await platform.settled(id, 'ready');
  });
});

describe('a lost run', () => {
  test.each(['terminated', 'forgotten'] as const)(
    '%s during a provision: another run finishes the store',
    async (how) => {
      failing.hold('awaitReady');
      const { storeId: id } = await platform.create();
      await eventually(() => failing.isWaitingIn('awaitReady'));
      const secret = await secretOf(id);
      await lose(id, how);
      failing.release('awaitReady');
      expect((await platform.get(id)).status).toBe('provisioning');
      expect(await restartLost()).toBe(1);
      const store = await platform.settled(id, 'ready');
      expect(store.failure).toBeNull();
      expect(await secretOf(id)).toEqual(secret);
    },
  );

  test('a cancel request that was lost with its run is carried out by another run and leaves no object', async () => {
    failing.hold('awaitReady');
    const { storeId: id } = await platform.create();
    await eventually(() => failing.isWaitingIn('awaitReady'));
    await records.query('update operations set cancel_requested_at = now() where store_id = $1 and is_current', [id]);
    await lose(id, 'terminated');
    failing.release('awaitReady');
    expect(await restartLost()).toBe(1);
    const store = await platform.settled(id, 'cancelled', 'ready');
    expect(store.status).toBe('cancelled');
    expect(await clusterLeftovers(store)).toEqual([]);
  });

  test('another run finishes a delete whose run was terminated, and an open run is not replaced', async () => {
    const store = await readyStore();
    failing.hold('deleteRelease');
    await platform.request('DELETE', `/api/stores/${store.storeId}`);
    await eventually(() => failing.isWaitingIn('deleteRelease'));
    await ageRecord(store.storeId);
    expect(await restartLost()).toBe(0);
    await lose(store.storeId, 'terminated');
    failing.release('deleteRelease');
    expect(await restartLost()).toBe(1);
    await platform.settled(store.storeId, 'deleted');
    expect(await clusterLeftovers(store)).toEqual([]);
  });

  test('each restart is counted, and after the fifth one the store says that a person must look', async () => {
    failing.hold('awaitReady');
    const { storeId: id } = await platform.create();
    await eventually(() => failing.isWaitingIn('awaitReady'));
    await records.query('update operations set restarts = 4, restarted_at = now() where store_id = $1', [id]);
    await lose(id, 'terminated');
    const { rows } = await records.query('select restarts from operations where store_id = $1', [id]);
    expect(rows).toEqual([{ restarts: 4 }]);
    expect(await restartLost()).toBe(1);
    const changed = (await platform.events(id)).filter(({ type }) => type === 'condition.changed');
    expect(changed[0]).toMatchObject({ data: { condition: 'Stalled', status: 'True', reason: 'RunKeepsClosing' } });
    failing.release('awaitReady');
    await platform.settled(id, 'ready');
  });
});
