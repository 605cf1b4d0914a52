import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FakeCluster } from '../../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../../test/fakes/interrupted-cluster.ts';
import { workflowIdOf } from '../../domain/names.ts';
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

test('a provision that waits for long continues as new, keeps its place and becomes ready', async () => {
  const running = await runningStore();
  const [waiting, newer] = [await waitingStore(), await waitingStore()];
  const run = platform.client.workflow.getHandle(workflowIdOf(waiting.storeId));
  const { runId } = await run.describe();
  // Each signal makes the run ask once, as its poll does every two to six hours.
  await eventually(
    async () => {
      await run.signal('tenantSlotFree');
      return (await run.describe()).runId !== runId;
    },
    { deadlineMs: 240_000, intervalMs: 10 },
  );
  const queued = await platform.get(waiting.storeId);
  expect(queued).toMatchObject({ status: 'provisioning', operation: { status: 'queued' } });
  expect(queued.operation?.queuedSince).not.toBeNull();
  expect(world.leftovers(waiting.namespace)).toEqual([]);
  cluster.hold('ensureNamespace');
  cluster.release('awaitReady');
  await platform.settled(running.storeId, 'ready');
  await eventually(() => cluster.isWaitingIn('ensureNamespace'));
  expect((await platform.get(newer.storeId)).operation?.status).toBe('queued');
  cluster.release('ensureNamespace');
  for (const { storeId } of [waiting, newer]) await platform.settled(storeId, 'ready');
}, 300_000);

test('a held provision gives its slot away, and waits for one when it continues', async () => {
  cluster.failNext('awaitReady', { moment: 'before' });
  const { storeId: held } = await platform.create({ onFailure: 'hold' });
  await eventually(async () => (await platform.get(held)).status === 'held');
  const running = await runningStore();
  await platform.request('POST', `/api/stores/${held}/continue`);
  await eventually(async () => (await platform.get(held)).operation?.status === 'queued');
  cluster.release('awaitReady');
  for (const storeId of [running.storeId, held]) await platform.settled(storeId, 'ready');
});

test('a provision that waits after a hold can be cancelled and leaves no object', async () => {
  cluster.failNext('awaitReady', { moment: 'before' });
  const { storeId: held, namespace } = await platform.create({ onFailure: 'hold' });
  await eventually(async () => (await platform.get(held)).status === 'held');
  const running = await runningStore();
  await platform.request('POST', `/api/stores/${held}/continue`);
  await eventually(async () => (await platform.get(held)).operation?.status === 'queued');
  await platform.request('POST', `/api/stores/${held}/cancel`);
  await platform.settled(held, 'cancelled');
  expect(world.leftovers(namespace)).toEqual([]);
  cluster.release('awaitReady');
  await platform.settled(running.storeId, 'ready');
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
