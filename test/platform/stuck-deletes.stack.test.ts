import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCluster } from '../../activities/create-cluster.ts';
import { TEST_INSTALLATION } from '../harness/platform/cluster-activities.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { eventually, kubeClients, testStack } from '../harness/stack/stack.ts';
import type { Store } from '../../api/contract/store.ts';

const WATCH_SLOTS = 2;
/** A first attempt, the longest time between two looks, and the work itself on a busy machine. */
const TIMEOUT_MS = 240_000;

let platform: TestPlatform;

beforeAll(async () => {
  const { KUBECONFIG: kubeconfig, KUBE_CONTEXT: context, HELM_BIN: helmBin } = testStack();
  // As in production: the test depends on the time that an attempt waits.
  const { activities: cluster } = await createCluster({
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
  platform = await startPlatform({ cluster, watchSlots: WATCH_SLOTS });
});
afterAll(() => platform.stop());

/** Adds an object that blocks the deletion of the store's namespace. Returns a function that removes the block. */
async function block({ namespace }: Store): Promise<() => Promise<unknown>> {
  const { core } = kubeClients();
  const name = 'blocker';
  await core.createNamespacedConfigMap({
    namespace,
    body: { metadata: { name, finalizers: ['example.com/hold'] } },
  });
  return () => core.replaceNamespacedConfigMap({ name, namespace, body: { metadata: { name } } });
}

async function remove(storeId: string): Promise<void> {
  expect((await platform.request('DELETE', `/api/stores/${storeId}`)).status).toBe(202);
}

test(
  'as many stuck deletes as there are watch slots do not keep a new store from becoming ready',
  async () => {
    const stores = await Promise.all(
      Array.from({ length: WATCH_SLOTS }, async () => {
        const { storeId } = await platform.create();
        return platform.settled(storeId, 'ready');
      }),
    );
    const unblock = await Promise.all(stores.map((store) => block(store)));
    for (const { storeId } of stores) await remove(storeId);
    for (const { storeId } of stores) {
      await eventually(async () => (await platform.get(storeId)).operation?.step === 'await-absence', {
        deadlineMs: 60_000,
      });
    }

    const { storeId: created } = await platform.create();
    await platform.settled(created, 'ready');
    for (const { storeId } of stores) expect((await platform.get(storeId)).status).toBe('deleting');

    for (const free of unblock) await free();
    for (const { storeId, namespace } of stores) {
      await platform.settled(storeId, 'deleted');
      // An attempt that looked once has passed on what it found.
      const removed = expect.arrayContaining([`Namespace/${namespace}`]);
      expect((await platform.events(storeId)).at(-1)).toMatchObject({ data: { receipt: { removed } } });
    }
    await remove(created);
    await platform.settled(created, 'deleted');
  },
  TIMEOUT_MS,
);
