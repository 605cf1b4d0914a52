import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FakeCluster } from '../../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../../test/fakes/interrupted-cluster.ts';
import { startPlatform, type TestPlatform } from '../../test/harness/platform/platform.ts';
import { eventually } from '../../test/harness/stack/stack.ts';
import type { Store } from '../../api/contract/store.ts';

let world: FakeCluster;
let cluster: InterruptedCluster;
let platform: TestPlatform;
beforeAll(async () => {
  world = new FakeCluster();
  cluster = new InterruptedCluster(world);
  platform = await startPlatform({ cluster, maxRunning: 1 });
});
afterAll(() => platform.stop());

/** Creates a store whose provision waits in `awaitReady` until the test releases that activity. */
async function runningStore(): Promise<Store> {
  cluster.hold('awaitReady');
  const store = await platform.create();
  await eventually(() => cluster.isWaitingIn('awaitReady'));
  return store;
}

/** Creates a store whose provision waits for a tenant slot. */
async function waitingStore(): Promise<Store> {
  const store = await platform.create();
  await eventually(async () => (await typesOf(store)).includes('operation.queued'));
  return store;
}

async function typesOf({ storeId: id }: Store): Promise<readonly string[]> {
  return (await platform.events(id)).map(({ type }) => type);
}

test('provisions over the limit of the tenant start no step before they acquire a tenant slot, and all become ready', async () => {
  const running = await runningStore();
  const waiting = [await waitingStore(), await waitingStore()];
  for (const { namespace } of waiting) expect(world.leftovers(namespace)).toEqual([]);
  cluster.release('awaitReady');
  // Each run signals the next one at its end, which is sooner than the fallback poll.
  for (const { storeId: id } of [running, ...waiting]) await platform.settled(id, 'ready');
});

test('a waiting provision can be cancelled or deleted before its first step', async () => {
  const running = await runningStore();
  const [cancelled, deleted] = [await waitingStore(), await waitingStore()];
  await platform.request('POST', `/api/stores/${cancelled.storeId}/cancel`);
  await platform.settled(cancelled.storeId, 'cancelled');
  await platform.request('DELETE', `/api/stores/${deleted.storeId}`);
  await platform.settled(deleted.storeId, 'deleted');
  for (const store of [cancelled, deleted]) {
    expect(await typesOf(store)).not.toContain('step.failed');
    expect(world.leftovers(store.namespace)).toEqual([]);
  }
  expect((await typesOf(cancelled)).filter((type) => type === 'step.started')).toEqual([]);
  cluster.release('awaitReady');
  await platform.settled(running.storeId, 'ready');
});
