import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClusterUpkeep } from '../../activities/cluster-upkeep.ts';
import { TASK_QUEUES } from '../../domain/names.ts';
import type { StoreResource } from '../../domain/store.ts';
import type { reconcileCluster } from '../../workflows/index.ts';
import { openTestCluster, type TestCluster } from '../harness/cluster-activities.ts';
import { clusterLeftovers } from '../harness/cluster-leftovers.ts';
import { startPlatform, type TestPlatform } from '../harness/platform.ts';
import { eventually } from '../harness/stack.ts';

/** Of these tests alone: other files share the cluster. */
const INSTALLATION = randomUUID();
const installation = async () => INSTALLATION;

let cluster: TestCluster;
let platform: TestPlatform;

beforeAll(async () => {
  cluster = await openTestCluster();
  const activities = cluster.activities({ installation });
  platform = await startPlatform({
    cluster: activities,
    upkeep: {
      cluster: createClusterUpkeep({ kube: cluster.kube, installation, ensureRelease: activities.ensureRelease }),
      orphanGraceSeconds: 0,
      maxOrphanRemovals: 2,
    },
  });
});
afterAll(() => platform.stop());

/** One pass over the whole cluster, as the schedule would start it. */
async function pass() {
  return platform.client.workflow.execute<typeof reconcileCluster>('reconcileCluster', {
    workflowId: `pass-${randomUUID()}`,
    taskQueue: TASK_QUEUES.control,
  });
}

async function readyStore(): Promise<StoreResource> {
  const { id } = await platform.create();
  return platform.settled(id, 'ready');
}

/** Waits until no run holds the store's workflow id. */
async function quiet(storeId: string): Promise<void> {
  await eventually(async () => (await platform.operations.observe(storeId)).kind !== 'open');
}

async function typesOf(storeId: string): Promise<readonly string[]> {
  return (await platform.events(storeId)).map(({ type }) => type);
}

describe('drift of a ready store', () => {
  test('what was edited is told, put back in the name of its owner, and told again', async () => {
    const store = await readyStore();
    const { namespace } = store;
    await cluster.kube.apps.patchNamespacedDeployment({
      name: 'web',
      namespace,
      fieldManager: 'kubectl-edit',
      body: [{ op: 'replace', path: '/spec/replicas', value: 3 }],
    });
    await pass();
    await quiet(store.id);
    const { spec, metadata } = await cluster.kube.apps.readNamespacedDeployment({ name: 'web', namespace });
    expect(spec?.replicas).toBe(1);
    expect(metadata?.managedFields?.map(({ manager }) => manager)).toContain('helm');
    const events = await platform.events(store.id);
    expect(events.at(-2)).toMatchObject({
      type: 'store.drifted',
      data: { objects: [{ object: 'Deployment/web', state: 'changed', fields: ['spec.replicas'], needsPerson: null }] },
    });
    expect(events.at(-1)).toMatchObject({ type: 'store.repaired', status: 'ready', data: { by: 'platform' } });
    expect(await platform.get(store.id)).toMatchObject({ status: 'ready', drift: null });
  });

  test('what was deleted is made again; a store that is as it should be is told of once only', async () => {
    const store = await readyStore();
    const { namespace } = store;
    await cluster.kube.core.deleteNamespacedService({ name: 'web', namespace });
    await cluster.kube.core.deleteNamespacedResourceQuota({ name: 'store-quota', namespace });
    await pass();
    await quiet(store.id);
    await cluster.kube.core.readNamespacedService({ name: 'web', namespace });
    await cluster.kube.core.readNamespacedResourceQuota({ name: 'store-quota', namespace });
    const before = await typesOf(store.id);
    await pass();
    expect(await typesOf(store.id)).toEqual(before);
    expect(before.slice(-2)).toEqual(['store.drifted', 'store.repaired']);
  });

  test('a store whose namespace is gone is told of once, stays ready with its drift, and is not made anew', async () => {
    const store = await readyStore();
    const { namespace } = store;
    await cluster.kube.core.deleteNamespace({ name: namespace });
    await eventually(async () => {
      const { items } = await cluster.kube.core.listNamespace({ fieldSelector: `metadata.name=${namespace}` });
      return items.length === 0;
    });
    await pass();
    await pass();
    await quiet(store.id);
    const { status, drift } = await platform.get(store.id);
    expect(status).toBe('ready');
    expect(drift?.objects).toEqual([
      { object: `Namespace/${namespace}`, state: 'missing', fields: [], needsPerson: expect.stringContaining('data') },
    ]);
    expect((await typesOf(store.id)).filter((type) => type === 'store.drifted')).toHaveLength(1);
    expect(await clusterLeftovers(store)).toEqual([]);
  });

  test("a store's Secret is never drawn anew: that it is gone is for a person", async () => {
    const store = await readyStore();
    const { namespace } = store;
    await cluster.kube.core.deleteNamespacedSecret({ name: 'store-secrets', namespace });
    await pass();
    await quiet(store.id);
    expect((await platform.get(store.id)).drift?.objects).toMatchObject([
      { object: 'Secret/store-secrets', state: 'missing', needsPerson: expect.any(String) },
    ]);
    await expect(cluster.kube.core.readNamespacedSecret({ name: 'store-secrets', namespace })).rejects.toThrow('404');
  });

  test('a release whose record is gone is recorded again, on the volumes that are there', async () => {
    const store = await readyStore();
    const { namespace } = store;
    const claim = await cluster.kube.core.readNamespacedPersistentVolumeClaim({ name: 'data', namespace });
    await cluster.kube.core.deleteCollectionNamespacedSecret({ namespace, labelSelector: 'owner=helm' });
    await pass();
    await quiet(store.id);
    const { items } = await cluster.kube.core.listNamespacedSecret({ namespace, labelSelector: 'owner=helm' });
    expect(items.map(({ metadata }) => metadata?.labels?.['status'])).toEqual(['deployed']);
    const now = await cluster.kube.core.readNamespacedPersistentVolumeClaim({ name: 'data', namespace });
    expect(now.metadata?.uid).toBe(claim.metadata?.uid);
    expect((await platform.get(store.id)).drift).toBeNull();
  });
});
