import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { targetOf } from '../db/index.ts';
import { workflowIdOf } from '../domain/names.ts';
import { createInput } from '../test/factories/store-records.ts';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../test/fakes/interrupted-cluster.ts';
import { startPlatform, type TestPlatform } from '../test/harness/platform/platform.ts';
import { eventually } from '../test/harness/stack/stack.ts';
import type { ClusterActivities } from '../domain/ports/cluster.ts';
import type { Store } from '../api/contract/store.ts';

/** Every step of a provision with its activity on the cluster. */
const STEP_ACTIVITIES = [
  ['prepare-namespace', 'ensureNamespace'],
  ['ensure-secrets', 'ensureSecrets'],
  ['install-release', 'ensureRelease'],
  ['await-ready', 'awaitReady'],
  ['verify', 'verifyStore'],
] as const satisfies readonly (readonly [string, keyof ClusterActivities])[];

let platform: TestPlatform;
let world: FakeCluster;
let cluster: InterruptedCluster;

beforeAll(async () => {
  world = new FakeCluster();
  cluster = new InterruptedCluster(world);
  platform = await startPlatform({ cluster });
});
afterAll(() => platform.stop());

async function closedStatus(storeId: string): Promise<string> {
  return eventually(async () => {
    const { status } = await platform.client.workflow.getHandle(workflowIdOf(storeId)).describe();
    return status.name !== 'RUNNING' && status.name;
  });
}

describe('a provision', () => {
  test('runs its steps in order and records each of them once', async () => {
    const { storeId: id } = await platform.create();
    const store = await platform.settled(id, 'ready');
    expect(store).toMatchObject({ servesTraffic: false, failure: null, verification: { outcome: 'skipped' } });
    const events = await platform.events(id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.map(({ type, step }) => (step === null ? type : `${type} ${step}`))).toEqual([
      'store.requested',
      'operation.started',
      ...STEP_ACTIVITIES.flatMap(([step]) => [`step.started ${step}`, `step.completed ${step}`]),
      'store.ready',
    ]);
    expect(await closedStatus(id)).toBe('COMPLETED');
  });

  test('writes the correlation id of its request to every event', async () => {
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'ready');
    const ids = new Set((await platform.events(id)).map(({ correlationId }) => correlationId));
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/^[\w-]{8,}$/);
  });

  test('sets the search attributes of its store and has a short history', async () => {
    const { storeId: id } = await platform.create({ engine: 'medusa' });
    await platform.settled(id, 'ready');
    await closedStatus(id);
    const handle = platform.client.workflow.getHandle(workflowIdOf(id));
    const described = await handle.describe();
    expect(described.searchAttributes).toMatchObject({
      StoreId: [id],
      TenantId: ['default-user'],
      Engine: ['medusa'],
      StoreStatus: ['ready'],
      Operation: ['provision'],
    });
    expect(described.historyLength).toBeLessThanOrEqual(90);
  });
});

describe.each(STEP_ACTIVITIES)('when %s fails', (step, activity) => {
  test.each(['before', 'after'] as const)('%s its effect, nothing is left behind', async (moment) => {
    cluster.failNext(activity, { moment });
    const { storeId: id } = await platform.create();
    const store = await platform.settled(id, 'failed');
    expect(store.failure).toMatchObject({ code: 'CHART_INVALID', step });
    expect(await closedStatus(id)).toBe('FAILED');
    expect(world.leftovers(store.namespace)).toEqual([]);
  });
});

describe.each(STEP_ACTIVITIES)('a cancel during %s', (step, activity) => {
  test('undoes everything and closes the run as cancelled', async () => {
    cluster.hold(activity);
    const { storeId: id } = await platform.create();
    await eventually(() => cluster.isWaitingIn(activity));
    expect((await platform.get(id)).operation).toMatchObject({ kind: 'provision', step });
    const response = await platform.request('POST', `/api/stores/${id}/cancel`);
    expect(response.status).toBe(202);
    const store = await platform.settled(id, 'cancelled');
    cluster.release(activity);
    expect(await closedStatus(id)).toBe('CANCELLED');
    expect(world.leftovers(store.namespace)).toEqual([]);
    expect((await platform.events(id)).map(({ type }) => type)).toContain('cancel.requested');
  });
});

test.each(['ensureNamespace', 'ensureSecrets', 'ensureRelease'] as const)(
  'a cancel waits until %s ends and also undoes its effect',
  async (activity) => {
    const effectMs = 1_000;
    cluster.delayNext(activity, effectMs);
    const { storeId: id, namespace } = await platform.create();
    await eventually(() => cluster.isWaitingIn(activity));
    await platform.request('POST', `/api/stores/${id}/cancel`);
    await platform.settled(id, 'cancelled');
    await eventually(() => !cluster.isWaitingIn(activity));
    expect(world.leftovers(namespace)).toEqual([]);
  },
);

test('a cancel that is in the record but has not reached the run still undoes the provision', async () => {
  cluster.hold('verifyStore');
  const { storeId: id } = await platform.create();
  await eventually(() => cluster.isWaitingIn('verifyStore'));
  const caller = { tenantId: 'default-user', requestedBy: 'default-user' };
  await platform.stores.requestCancel({ ...caller, storeId: id, correlationId: 'cancel', now: new Date() });
  cluster.release('verifyStore');
  const { namespace } = await platform.settled(id, 'cancelled');
  expect(world.leftovers(namespace)).toEqual([]);
  expect(await closedStatus(id)).toBe('COMPLETED');
});

test('a provision that was cancelled before a run took it up starts no step', async () => {
  const caller = { tenantId: 'default-user', requestedBy: 'default-user' };
  const created = await platform.stores.create(createInput({ ...caller, maxStores: 1_000 }));
  if (created.kind !== 'created') throw new Error(`expected a new store, got ${created.kind}`);
  const { id } = created.store;
  await platform.stores.requestCancel({ ...caller, storeId: id, correlationId: 'cancel', now: new Date() });
  await platform.operations.start('provision', { store: targetOf(created.store), correlationId: 'late' });
  const { namespace } = await platform.settled(id, 'cancelled');
  expect((await platform.events(id)).map(({ type }) => type)).toEqual([
    'store.requested',
    'cancel.requested',
    'operation.started',
    'store.cancelled',
  ]);
  expect(world.leftovers(namespace)).toEqual([]);
  expect(await closedStatus(id)).toBe('COMPLETED');
});

test('a cancel during an attempt with a transient failure ends as cancelled, not as failed', async () => {
  cluster
    .delayNext('ensureNamespace', 1_000)
    .failNext('ensureNamespace', { moment: 'after', code: 'CLUSTER_UNAVAILABLE' });
  const { storeId: id, namespace } = await platform.create();
  await eventually(() => cluster.isWaitingIn('ensureNamespace'));
  await platform.request('POST', `/api/stores/${id}/cancel`);
  expect(await platform.settled(id, 'cancelled')).toMatchObject({ failure: null });
  expect(world.leftovers(namespace)).toEqual([]);
});

describe('on nodes that run pods', () => {
  beforeEach(() => void (world.nodes = 'real'));
  afterEach(() => void (world.nodes = 'simulated'));

  /** Creates a store that serves customers while its optional workloads still start. Its verification runs. */
  async function waitingForOptionalWorkloads(): Promise<Store> {
    cluster.hold('awaitReady', { goal: 'complete' }).hold('verifyStore');
    const store = await platform.create();
    await eventually(() => cluster.isWaitingIn('awaitReady') && cluster.isWaitingIn('verifyStore'));
    return store;
  }

  test('the verification order is placed while optional workloads still start', async () => {
    const { storeId: id } = await waitingForOptionalWorkloads();
    expect((await platform.get(id)).operation).toMatchObject({ step: 'await-ready' });
    cluster.release('verifyStore');
    await eventually(() => !cluster.isWaitingIn('verifyStore'));
    cluster.release('awaitReady');
    expect(await platform.settled(id, 'ready')).toMatchObject({ verification: { outcome: 'passed' } });
    const ready = (await platform.events(id)).find(
      ({ type, step }) => type === 'step.completed' && step === 'await-ready',
    );
    expect(ready?.data).not.toHaveProperty('unfinished');
  });

  test('an optional workload that does not start fails the store after its verification was cancelled', async () => {
    cluster.failNext('awaitReady', { moment: 'after', code: 'CRASH_LOOP', goal: 'complete' });
    const { storeId: id, namespace } = await waitingForOptionalWorkloads();
    cluster.release('awaitReady');
    const store = await platform.settled(id, 'failed');
    expect(store.failure).toMatchObject({ code: 'CRASH_LOOP', step: 'await-ready' });
    expect(cluster.isWaitingIn('verifyStore')).toBe(false);
    expect(world.leftovers(namespace)).toEqual([]);
    cluster.release('verifyStore');
  });

  test('a failed verification order is reported as the failure of the step verify', async () => {
    cluster.failNext('verifyStore', { moment: 'before' });
    const { storeId: id } = await platform.create();
    expect((await platform.settled(id, 'failed')).failure).toMatchObject({ step: 'verify' });
  });

  test('a cancel during the verification undoes everything', async () => {
    const { storeId: id, namespace } = await waitingForOptionalWorkloads();
    await platform.request('POST', `/api/stores/${id}/cancel`);
    await platform.settled(id, 'cancelled');
    expect(world.leftovers(namespace)).toEqual([]);
    cluster.release('awaitReady');
    cluster.release('verifyStore');
  });
});

describe('after the end of an operation', () => {
  test('a retry of a failed provision makes the store ready', async () => {
    cluster.failNext('awaitReady', { moment: 'after' });
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'failed');
    expect((await platform.request('POST', `/api/stores/${id}/retry`)).status).toBe(202);
    expect(await platform.settled(id, 'ready')).toMatchObject({ failure: null });
  });

  test('a retry of a cancelled provision makes the store ready', async () => {
    cluster.hold('ensureRelease');
    const { storeId: id } = await platform.create();
    await eventually(() => cluster.isWaitingIn('ensureRelease'));
    await platform.request('POST', `/api/stores/${id}/cancel`);
    await platform.settled(id, 'cancelled');
    cluster.release('ensureRelease');
    expect((await platform.request('POST', `/api/stores/${id}/retry`)).status).toBe(202);
    await platform.settled(id, 'ready');
  });

  test('a delete during a provision cancels it first and ends in deleted', async () => {
    cluster.hold('awaitReady');
    const { storeId: id } = await platform.create();
    await eventually(() => cluster.isWaitingIn('awaitReady'));
    expect((await platform.request('DELETE', `/api/stores/${id}`)).status).toBe(202);
    const store = await platform.settled(id, 'deleted');
    cluster.release('awaitReady');
    expect(world.leftovers(store.namespace)).toEqual([]);
    const types = (await platform.events(id)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['delete.requested', 'store.cancelled', 'store.deleted']));
    expect(types.at(-1)).toBe('store.deleted');
  });

  test('a delete right after the create, before the first step, ends in deleted', async () => {
    const { storeId: id } = await platform.create();
    expect((await platform.request('DELETE', `/api/stores/${id}`)).status).toBe(202);
    const store = await platform.settled(id, 'deleted');
    expect(world.leftovers(store.namespace)).toEqual([]);
  });

  test('a step with a transient failure is retried, and no failure is recorded', async () => {
    cluster.failNext('ensureRelease', { moment: 'after', code: 'CLUSTER_UNAVAILABLE', times: 2 });
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'ready');
    expect((await platform.events(id)).map(({ type }) => type)).not.toContain('step.failed');
  });

  test('a failed undo leaves a failed store that names the leftovers, and the other undos still run', async () => {
    cluster.failNext('awaitReady', { moment: 'before' }).failNext('deleteRelease', { moment: 'before' });
    const { storeId: id } = await platform.create();
    const store = await platform.settled(id, 'failed');
    expect(store.failure).toMatchObject({ code: 'UNDO_INCOMPLETE', evidence: { leftovers: ['release'] } });
    expect(world.leftovers(store.namespace)).toEqual([]);
  });
});
