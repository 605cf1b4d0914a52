import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCluster } from '../../activities/create-cluster.ts';
import type { ReleaseOptions } from '../../activities/release/values.ts';
import { ENGINES } from '../../domain/engines/index.ts';
import { LABELS } from '../../domain/names.ts';
import { TEST_INSTALLATION } from '../harness/platform/cluster-activities.ts';
import { clusterLeftovers } from '../harness/platform/cluster-leftovers.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { eventually, kubeClients, testStack } from '../harness/stack/stack.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { Store } from '../../api/contract/store.ts';

/** Opens the cluster activities with the charts of the engines, a real API server and a real Helm. */
async function openCluster(overlays: ReleaseOptions['overlays'] = {}, readyDeadlineMs = 120_000) {
  const { KUBECONFIG: kubeconfig, KUBE_CONTEXT: context, HELM_BIN: helmBin } = testStack();
  const cluster = await createCluster({
    name: 'default',
    context,
    kubeconfig,
    helmBin,
    chartsDir: 'helm',
    readyDeadlineMs,
    values: { scheme: 'http', port: 80, overlays },
    installation: TEST_INSTALLATION,
    env: process.env,
  });
  return cluster.activities;
}

const { core, apps } = kubeClients();
let platform: TestPlatform;
let activities: ClusterActivities;

async function readyStore(body: Parameters<TestPlatform['create']>[0]): Promise<Store> {
  const { storeId: id } = await platform.create(body);
  return platform.settled(id, 'ready');
}

async function remove(storeId: string, query = ''): Promise<void> {
  expect((await platform.request('DELETE', `/api/stores/${storeId}${query}`)).status).toBe(202);
}

/** Returns the data that an undelete must keep: the store's claims with their volumes, and its Secret. */
async function dataOf(namespace: string): Promise<object> {
  const claims = await core.listNamespacedPersistentVolumeClaim({ namespace });
  const secret = await core.readNamespacedSecret({ name: 'store-secrets', namespace });
  const volumes = claims.items.map(({ metadata, spec, status }) => ({
    uid: metadata?.uid,
    volume: spec?.volumeName,
    phase: status?.phase,
  }));
  return { volumes, secrets: secret.data };
}

describe('a deleted store', () => {
  beforeAll(async () => {
    activities = await openCluster();
    platform = await startPlatform({ cluster: activities });
  });
  afterAll(() => platform.stop());

  test.each(ENGINES)('is undeleted with its volumes and secrets: %s', async (engine) => {
    const { storeId: id, namespace } = await readyStore({ engine });
    const data = await dataOf(namespace);
    expect(data).toMatchObject({ volumes: expect.arrayContaining([expect.objectContaining({ phase: 'Bound' })]) });
    await remove(id, '?undeleteWindowSeconds=3600');
    await eventually(async () => (await platform.get(id)).allowedActions.includes('undelete'));
    expect((await apps.listNamespacedDeployment({ namespace })).items).toEqual([]);
    expect(await dataOf(namespace)).toEqual(data);

    expect((await platform.request('POST', `/api/stores/${id}/undelete`)).status).toBe(202);
    const store = await platform.settled(id, 'ready');
    expect(await dataOf(namespace)).toEqual(data);

    await remove(id);
    await platform.settled(id, 'deleted');
    expect(await clusterLeftovers(store)).toEqual([]);
  });

  test('keeps the volumes that its policy keeps', async () => {
    const store = await readyStore({ volumePolicy: 'keep' });
    await remove(store.storeId);
    await platform.settled(store.storeId, 'deleted');
    const kept = await clusterLeftovers(store);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept).toEqual(kept.map((object) => expect.stringMatching(/^PersistentVolume\//) && object));
    const { items } = await core.listPersistentVolume({ labelSelector: `${LABELS.storeId}=${store.storeId}` });
    expect(items.map(({ spec }) => spec?.persistentVolumeReclaimPolicy)).toEqual(kept.map(() => 'Retain'));
    expect((await platform.events(store.storeId)).at(-1)?.data['receipt']).toMatchObject({ kept: kept.toSorted() });

    await core.deleteCollectionPersistentVolume({ labelSelector: `${LABELS.storeId}=${store.storeId}` });
  });
});

describe('a store whose volume cannot be provisioned', () => {
  beforeAll(async () => {
    activities = await openCluster({ woocommerce: { uploads: { storageClassName: 'no-such-class' } } }, 25_000);
    platform = await startPlatform({ cluster: activities });
  });
  afterAll(() => platform.stop());

  test('is held with the cause and becomes ready after an operator sets another storage class', async () => {
    const { storeId: id, namespace } = await platform.create({ engine: 'woocommerce', onFailure: 'hold' });
    const held = await eventually(
      async () => {
        const store = await platform.get(id);
        return store.status === 'held' && store;
      },
      { deadlineMs: 90_000 },
    );
    expect(held.failure).toMatchObject({
      code: 'VOLUME_PENDING',
      evidence: { object: 'PersistentVolumeClaim/uploads' },
    });
    const before = await core.readNamespacedPersistentVolumeClaim({ name: 'db-data', namespace });

    const overrides = { uploads: { storageClassName: 'standard' } };
    expect((await platform.request('POST', `/api/stores/${id}/continue`, { body: { overrides } })).status).toBe(202);
    const store = await platform.settled(id, 'ready');
    expect(store.overrides).toEqual(overrides);
    const claim = await core.readNamespacedPersistentVolumeClaim({ name: 'uploads', namespace });
    expect(claim).toMatchObject({ spec: { storageClassName: 'standard' }, status: { phase: 'Bound' } });
    // The claim that was bound already is not created again.
    const after = await core.readNamespacedPersistentVolumeClaim({ name: 'db-data', namespace });
    expect(after.metadata?.uid).toBe(before.metadata?.uid);

    await remove(id);
    await platform.settled(id, 'deleted');
    expect(await clusterLeftovers(store)).toEqual([]);
  });
});
