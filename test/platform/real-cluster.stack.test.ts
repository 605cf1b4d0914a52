import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCluster, type Cluster } from '../../activities/create-cluster.ts';
import { inspectStore } from '../../activities/reconcile/drift-inspection.ts';
import { ENGINES } from '../../domain/engines/index.ts';
import { targetOf } from '../factories/store-target.ts';
import { InterruptedCluster } from '../fakes/interrupted-cluster.ts';
import { countVolumeLists } from '../harness/platform/counted-volume-lists.ts';
import {
  openTestCluster,
  TINY_RELEASE,
  ownedInTest,
  TEST_INSTALLATION,
} from '../harness/platform/cluster-activities.ts';
import { clusterLeftovers } from '../harness/platform/cluster-leftovers.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { kubeClients, testStack } from '../harness/stack/stack.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { Store } from '../../api/contract/store.ts';

let platform: TestPlatform;
let realCluster: Cluster;

describe('with the charts of the engines on a real API server', () => {
  beforeAll(async () => {
    const { KUBECONFIG: kubeconfig, KUBE_CONTEXT: context, HELM_BIN: helmBin } = testStack();
    realCluster = await createCluster({
      name: 'default',
      context,
      kubeconfig,
      helmBin,
      chartsDir: 'helm',
      readyDeadlineMs: 120_000,
      values: { scheme: 'http', port: 80 },
      installation: TEST_INSTALLATION,
      env: process.env,
    });
    platform = await startPlatform({ cluster: realCluster.activities });
  });
  afterAll(() => platform.stop());

  test('the cluster tells its identity, its address without credentials, its version and the kind of its nodes', async () => {
    expect(await realCluster.describe()).toEqual({
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      address: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      kubernetesVersion: expect.stringMatching(/^v1\.\d+\.\d+/),
      nodes: 'simulated',
    });
  });

  test.each(ENGINES)(
    'a %s store becomes ready without drift and leaves no object in the cluster after its delete',
    async (engine) => {
      const { storeId: id } = await platform.create({ engine });
      const store = await platform.settled(id, 'ready');
      expect(store).toMatchObject({ servesTraffic: false, servesTrafficReason: expect.stringContaining('simulated') });
      expect(await driftOf(store)).toEqual([]);

      const { core } = kubeClients();
      const pods = await core.listNamespacedPod({ namespace: store.namespace });
      expect(pods.items.length).toBeGreaterThan(1);
      expect(new Set(pods.items.map(({ status }) => status?.phase))).toEqual(new Set(['Running', 'Succeeded']));
      const claims = await core.listNamespacedPersistentVolumeClaim({ namespace: store.namespace });
      expect(new Set(claims.items.map(({ status }) => status?.phase))).toEqual(new Set(['Bound']));

      expect((await platform.request('DELETE', `/api/stores/${id}`)).status).toBe(202);
      await platform.settled(id, 'deleted');
      expect(await clusterLeftovers(store)).toEqual([]);
      expect((await platform.events(id)).at(-1)).toMatchObject({
        type: 'store.deleted',
        data: { receipt: { removed: expect.arrayContaining([`Namespace/${store.namespace}`]) } },
      });
    },
  );
});

/** Returns the drift that the reconciler finds for a store. */
async function driftOf(store: Store) {
  const { kube } = await openTestCluster();
  const { deviations } = await inspectStore(kube, ownedInTest(targetOf(store)), {
    releasesOf: async () => [TINY_RELEASE],
  });
  return deviations;
}

const STEP_ACTIVITIES = [
  'ensureNamespace',
  'ensureSecrets',
  'ensureRelease',
  'awaitReady',
  'verifyStore',
] as const satisfies readonly (keyof ClusterActivities)[];

const FAILURES = STEP_ACTIVITIES.flatMap((activity) =>
  (['before', 'after'] as const).map((moment) => ({ activity, moment, name: `${activity} ${moment}` })),
);

describe('a step that fails on a real API server', () => {
  /** The ids of the stores, by the name of their failure. */
  const ids = new Map<string, string>();

  beforeAll(async () => {
    const cluster = new InterruptedCluster((await openTestCluster()).activities());
    platform = await startPlatform({ cluster });
    // All stores fail at the same time: Kubernetes waits five seconds before it deletes the content of a namespace.
    for (const { activity, moment, name } of FAILURES) {
      cluster.failNext(activity, { moment, storeName: name });
      ids.set(name, (await platform.create({ name })).storeId);
    }
  });
  afterAll(() => platform.stop());

  test.each(FAILURES)(
    '$activity $moment its effect: the cluster keeps no object of the store',
    async ({ activity, moment, name }) => {
      const store = await platform.settled(ids.get(name) ?? '', 'failed');
      expect(store.failure).toMatchObject({ code: 'CHART_INVALID', message: `${activity} fails ${moment} its effect` });
      expect(await clusterLeftovers(store)).toEqual([]);
    },
  );
});

test('the delete of a store does not list the volumes of other stores', async () => {
  const cluster = await openTestCluster();
  const { kube, lists } = countVolumeLists(cluster.kube);
  platform = await startPlatform({ cluster: cluster.activities({ kube, values: { volume: true } }) });
  try {
    const { storeId: id } = await platform.create();
    const store = await platform.settled(id, 'ready');
    expect((await platform.request('DELETE', `/api/stores/${id}`)).status).toBe(202);
    await platform.settled(id, 'deleted');
    expect(await clusterLeftovers(store)).toEqual([]);
    expect(lists.count()).toBe(0);
  } finally {
    await platform.stop();
  }
});
