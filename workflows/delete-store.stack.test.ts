import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allowedActions } from '../domain/store/actions.ts';
import { workflowIdOf } from '../domain/names.ts';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../test/fakes/interrupted-cluster.ts';
import { startPlatform, type TestPlatform } from '../test/harness/platform/platform.ts';
import { eventually } from '../test/harness/stack/stack.ts';
import type { Store } from '../api/contract/store.ts';

const AN_HOUR = 3_600;
/** The actions of a ready store. */
const READY_ACTIONS = allowedActions({ status: 'ready', step: null, isDeleteRequested: false });

let platform: TestPlatform;
let world: FakeCluster;
let cluster: InterruptedCluster;

beforeAll(async () => {
  world = new FakeCluster();
  cluster = new InterruptedCluster(world);
  platform = await startPlatform({ cluster });
});
afterAll(() => platform.stop());

async function readyStore(body: Parameters<TestPlatform['create']>[0] = {}): Promise<Store> {
  const { storeId: id } = await platform.create(body);
  return platform.settled(id, 'ready');
}

async function remove(storeId: string, query: Readonly<Record<string, string | number>> = {}): Promise<void> {
  const options = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  const response = await platform.request('DELETE', `/api/stores/${storeId}?${options.join('&')}`);
  expect(response.status).toBe(202);
}

/** Deletes a ready store with an undelete window of an hour, longer than any test. Returns the store within the window. */
async function inWindow(): Promise<Store> {
  const { storeId: id } = await readyStore();
  await remove(id, { undeleteWindowSeconds: AN_HOUR });
  return windowOf(id);
}

async function windowOf(storeId: string): Promise<Store> {
  return eventually(async () => {
    const store = await platform.get(storeId);
    return store.operation?.step === 'undelete-window' && store;
  });
}

async function undelete(storeId: string): Promise<number> {
  return (await platform.request('POST', `/api/stores/${storeId}/undelete`)).status;
}

describe('an undelete window', () => {
  test('stops the store, keeps its volumes and secrets, and reports its end', async () => {
    const store = await inWindow();
    expect(store).toMatchObject({
      status: 'deleting',
      allowedActions: ['undelete'],
      undeleteUntil: expect.any(String),
    });
    expect(world.leftovers(store.namespace)).toEqual([`Namespace/${store.namespace}`, `Secret/${store.namespace}`]);
    expect(world.volumes(store.namespace)).toHaveLength(1);
    expect(await undelete(store.storeId)).toBe(202);
    await platform.settled(store.storeId, 'ready');
  });

  test('restores the store with the same volumes', async () => {
    const store = await inWindow();
    const volumes = world.volumes(store.namespace);
    expect(await undelete(store.storeId)).toBe(202);
    const restored = await platform.settled(store.storeId, 'ready');
    expect(restored).toMatchObject({ undeleteUntil: null, deletedAt: null, allowedActions: READY_ACTIONS });
    expect(world.volumes(store.namespace)).toEqual(volumes);
    const events = await platform.events(store.storeId);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.find(({ step, type }) => type === 'step.completed' && step === 'ensure-secrets')).toBeDefined();
    expect(
      events.filter(({ type, step }) => type === 'step.completed' && step === 'ensure-secrets').at(-1),
    ).toMatchObject({ data: { created: false } });
    expect(events.map(({ type }) => type)).toContain('delete.undone');
  });

  test('ends with a signal from the Web UI in the same way as over HTTP', async () => {
    const { storeId: id } = await inWindow();
    await platform.client.workflow.getHandle(workflowIdOf(id)).signal('undelete');
    await platform.settled(id, 'ready');
  });

  test('restores the store when an undelete was recorded but never signalled', async () => {
    const { storeId: id, namespace } = await readyStore();
    await remove(id, { undeleteWindowSeconds: 2 });
    await windowOf(id);
    const command = { tenantId: 'default-user', storeId: id, requestedBy: 'default-user', correlationId: 'c' };
    const accepted = await platform.stores.requestUndelete({ ...command, now: new Date() });
    expect(accepted).toMatchObject({ kind: 'accepted' });
    await platform.settled(id, 'ready');
    expect(world.volumes(namespace)).toHaveLength(1);
  });

  test('does not change the volume policy of the store', async () => {
    const { storeId: id } = await readyStore({ volumePolicy: 'keep' });
    await remove(id, { undeleteWindowSeconds: AN_HOUR, volumePolicy: 'delete' });
    expect((await windowOf(id)).operation).toMatchObject({
      deletePlan: { undeleteWindowSeconds: AN_HOUR, volumePolicy: 'delete' },
    });
    await undelete(id);
    expect(await platform.settled(id, 'ready')).toMatchObject({ volumePolicy: 'keep' });
  });

  test('deletes the store completely when it expires', async () => {
    const { storeId: id, namespace } = await readyStore();
    await remove(id, { undeleteWindowSeconds: 1 });
    await platform.settled(id, 'deleted');
    expect([...world.leftovers(namespace), ...world.volumes(namespace)]).toEqual([]);
    expect(await undelete(id)).toBe(409);
  });

  test('exists only when the request asks for it', async () => {
    const { storeId: id } = await readyStore();
    await remove(id);
    await platform.settled(id, 'deleted');
    expect((await platform.events(id)).map(({ step }) => step)).not.toContain('undelete-window');
  });

  test('does not exist for a store that was never ready, which has no data', async () => {
    cluster.failNext('awaitReady', { moment: 'before' });
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'failed');
    await remove(id, { undeleteWindowSeconds: AN_HOUR });
    await platform.settled(id, 'deleted');
  });

  test('works again in the next delete of a restored store', async () => {
    const { storeId: id } = await inWindow();
    await undelete(id);
    await platform.settled(id, 'ready');
    await remove(id, { undeleteWindowSeconds: AN_HOUR });
    await windowOf(id);
    expect(await undelete(id)).toBe(202);
    await platform.settled(id, 'ready');
    await remove(id);
    await platform.settled(id, 'deleted');
  });

  test('ignores a cancel of the run', async () => {
    const { storeId: id } = await inWindow();
    const run = platform.client.workflow.getHandle(workflowIdOf(id));
    await run.cancel();
    await run.query('__temporal_workflow_metadata');
    expect((await platform.get(id)).operation).toMatchObject({ step: 'undelete-window' });
    await undelete(id);
    await platform.settled(id, 'ready');
  });
});

describe('a restored store that fails', () => {
  test('keeps its volumes and secrets, reports the cause, and can be retried', async () => {
    const { storeId: id, namespace } = await inWindow();
    const volumes = world.volumes(namespace);
    cluster.failNext('awaitReady', { moment: 'before', code: 'IMAGE_PULL_FAILED' });
    await undelete(id);
    const store = await platform.settled(id, 'failed');
    expect(store).toMatchObject({ failure: { code: 'IMAGE_PULL_FAILED' }, allowedActions: ['retry', 'delete'] });
    expect(world.leftovers(namespace)).toEqual([`Namespace/${namespace}`, `Secret/${namespace}`]);
    expect(world.volumes(namespace)).toEqual(volumes);

    cluster.failNext('awaitReady', { moment: 'before' });
    await platform.request('POST', `/api/stores/${id}/retry`);
    await eventually(async () => (await platform.get(id)).failure?.code === 'CHART_INVALID');
    await platform.settled(id, 'failed');
    expect(world.volumes(namespace)).toEqual(volumes);

    await platform.request('POST', `/api/stores/${id}/retry`);
    await platform.settled(id, 'ready');
    expect(world.volumes(namespace)).toEqual(volumes);
  });

  test('keeps its volumes after a cancel and loses them only after a delete', async () => {
    const { storeId: id, namespace } = await inWindow();
    cluster.hold('awaitReady');
    await undelete(id);
    await eventually(() => cluster.isWaitingIn('awaitReady'));
    await platform.request('POST', `/api/stores/${id}/cancel`);
    await platform.settled(id, 'cancelled');
    cluster.release('awaitReady');
    expect(world.volumes(namespace)).toHaveLength(1);
    await remove(id);
    await platform.settled(id, 'deleted');
    expect([...world.leftovers(namespace), ...world.volumes(namespace)]).toEqual([]);
  });
});

describe('the receipt of a delete', () => {
  async function receiptOf(storeId: string): Promise<unknown> {
    return (await platform.events(storeId)).at(-1)?.data['receipt'];
  }

  test('lists the volumes that the policy of the store keeps', async () => {
    const { storeId: id, namespace } = await readyStore({ volumePolicy: 'keep' });
    const volumes = world.volumes(namespace);
    await remove(id);
    expect(await platform.settled(id, 'deleted')).toMatchObject({ volumePolicy: 'keep' });
    expect(await receiptOf(id)).toEqual({ checked: ['Namespace'], removed: [], kept: volumes });
    expect(world.volumes(namespace)).toEqual(volumes);
    expect(world.leftovers(namespace)).toEqual([]);
  });

  test('follows the policy of the delete request when it differs from that of the store', async () => {
    const { storeId: id, namespace } = await readyStore({ volumePolicy: 'keep' });
    await remove(id, { volumePolicy: 'delete' });
    await platform.settled(id, 'deleted');
    expect(await receiptOf(id)).not.toHaveProperty('kept');
    expect(world.volumes(namespace)).toEqual([]);
  });

  test('contains the time until which volumes are kept', async () => {
    const { storeId: id, namespace } = await readyStore();
    await remove(id, { keepVolumesForDays: 30 });
    await platform.settled(id, 'deleted');
    const volumes = world.volumes(namespace);
    expect(volumes).toHaveLength(1);
    expect(await receiptOf(id)).toMatchObject({ kept: volumes, keptUntil: expect.any(String) });
  });

  test('lists no kept volumes when no policy keeps them', async () => {
    const { storeId: id } = await readyStore();
    await remove(id);
    await platform.settled(id, 'deleted');
    expect(await receiptOf(id)).toEqual({ checked: ['Namespace'], removed: [] });
  });
});
