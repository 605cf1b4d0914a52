import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FailureCode } from '../../domain/failure.ts';
import { workflowIdOf } from '../../domain/names.ts';
import { FakeCluster } from '../../test/fakes/fake-cluster.ts';
import { InterruptedCluster, type ClusterActivity } from '../../test/fakes/interrupted-cluster.ts';
import { startPlatform, type TestPlatform } from '../../test/harness/platform/platform.ts';
import { eventually } from '../../test/harness/stack/stack.ts';
import type { Store } from '../../api/contract/store.ts';

const STEP_ACTIVITIES = [
  ['prepare-namespace', 'ensureNamespace'],
  ['ensure-secrets', 'ensureSecrets'],
  ['install-release', 'ensureRelease'],
  ['await-ready', 'awaitReady'],
  ['verify', 'verifyStore'],
] as const satisfies readonly (readonly [string, ClusterActivity])[];

let platform: TestPlatform;
let world: FakeCluster;
let cluster: InterruptedCluster;

beforeAll(async () => {
  world = new FakeCluster();
  cluster = new InterruptedCluster(world);
  platform = await startPlatform({ cluster });
});
afterAll(() => platform.stop());

async function heldStore(storeId: string): Promise<Store> {
  return eventually(async () => {
    const store = await platform.get(storeId);
    return store.status === 'held' && store;
  });
}

/** A store that is held because this activity failed. */
async function heldAt(activity: ClusterActivity, code: FailureCode = 'CHART_INVALID'): Promise<Store> {
  cluster.failNext(activity, { moment: 'before', code });
  const { storeId: id } = await platform.create({ onFailure: 'hold' });
  return heldStore(id);
}

async function post(storeId: string, action: string, body?: unknown): Promise<number> {
  const response = await platform.request(
    'POST',
    `/api/stores/${storeId}/${action}`,
    body === undefined ? {} : { body },
  );
  return response.status;
}

function runOf(storeId: string) {
  return platform.client.workflow.getHandle(workflowIdOf(storeId));
}

async function closedStatus(storeId: string): Promise<string> {
  return eventually(async () => {
    const { status } = await runOf(storeId).describe();
    return status.name !== 'RUNNING' && status.name;
  });
}

async function eventTypes(storeId: string): Promise<readonly string[]> {
  return (await platform.events(storeId)).map(({ type, step }) => (step === null ? type : `${type} ${step}`));
}

describe.each(STEP_ACTIVITIES)('a provision held at %s', (step, activity) => {
  test('shows the cause and the allowedActions, keeps what it has made, and becomes ready once it is resumed', async () => {
    const store = await heldAt(activity);
    expect(store).toMatchObject({
      failure: { code: 'CHART_INVALID', step },
      operation: { kind: 'provision', step, status: 'held', heldUntil: expect.any(String) },
      urls: { storefront: null },
    });
    expect(store.allowedActions).toEqual(
      step === 'verify'
        ? ['continue', 'skip-verification', 'abort', 'cancel', 'delete']
        : ['continue', 'abort', 'cancel', 'delete'],
    );
    const made = STEP_ACTIVITIES.findIndex(([name]) => name === step) > 0;
    expect(world.leftovers(store.namespace).length > 0).toBe(made);

    expect(await post(store.storeId, 'continue')).toBe(202);
    const ready = await platform.settled(store.storeId, 'ready');
    expect(ready).toMatchObject({ failure: null, operation: null, overrides: null, allowedActions: ['delete'] });
    expect(await closedStatus(store.storeId)).toBe('COMPLETED');
    const types = await eventTypes(store.storeId);
    expect(types.filter((type) => type.endsWith(` ${step}`))).toEqual([
      `step.started ${step}`,
      `step.failed ${step}`,
      `operation.held ${step}`,
      `operation.continued ${step}`,
      `step.started ${step}`,
      `step.completed ${step}`,
    ]);
    const seqs = (await platform.events(store.storeId)).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  test('is undone and ends as failed for its first cause when it is aborted', async () => {
    const { storeId: id, namespace } = await heldAt(activity);
    expect(await post(id, 'abort')).toBe(202);
    const store = await platform.settled(id, 'failed');
    expect(store).toMatchObject({ failure: { code: 'CHART_INVALID', step }, operation: null });
    expect(await closedStatus(id)).toBe('FAILED');
    expect(world.leftovers(namespace)).toEqual([]);
    const types = await eventTypes(id);
    expect(types.filter((type) => type === `step.failed ${step}`)).toHaveLength(1);
    expect(types).toContain(`operation.aborted ${step}`);
  });

  test('is undone and ends as cancelled when it is cancelled', async () => {
    const { storeId: id, namespace } = await heldAt(activity);
    expect(await post(id, 'cancel')).toBe(202);
    await platform.settled(id, 'cancelled');
    expect(await closedStatus(id)).toBe('CANCELLED');
    expect(world.leftovers(namespace)).toEqual([]);
  });

  test('is undone and ends as deleted when it is deleted', async () => {
    const { storeId: id, namespace } = await heldAt(activity);
    expect((await platform.request('DELETE', `/api/stores/${id}`)).status).toBe(202);
    await platform.settled(id, 'deleted');
    expect(world.leftovers(namespace)).toEqual([]);
  });
});

describe('a held provision', () => {
  test('tells operators in the Web UI what they can do, and is found by its status', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    const described = await eventually(async () => {
      const description = await runOf(id).describe();
      return description.searchAttributes['StoreStatus']?.[0] === 'held' && description;
    });
    const details = await runOf(id).query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(details.currentDetails).toContain('`resume`');
    expect(details.currentDetails).not.toContain('`skipVerification`');
    expect(described.status.name).toBe('RUNNING');
    await post(id, 'abort');
    await platform.settled(id, 'failed');
  });

  test('fails again, is held again, and is told again', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    cluster.failNext('awaitReady', { moment: 'before', code: 'CRASH_LOOP' });
    await post(id, 'continue');
    await eventually(async () => (await platform.get(id)).failure?.code === 'CRASH_LOOP');
    expect((await eventTypes(id)).filter((type) => type === 'operation.held await-ready')).toHaveLength(2);
    await post(id, 'continue');
    await platform.settled(id, 'ready');
  });

  test('tries a resumed step again for a passing reason, as it does any step', async () => {
    const { storeId: id } = await heldAt('ensureSecrets');
    cluster.failNext('ensureSecrets', { moment: 'before', code: 'CLUSTER_UNAVAILABLE' });
    await post(id, 'continue');
    await platform.settled(id, 'ready');
    expect((await eventTypes(id)).filter((type) => type.startsWith('operation.held'))).toHaveLength(1);
  });

  test('takes a change of the overrides, applies it, and keeps it for later retries', async () => {
    const { storeId: id, namespace } = await heldAt('awaitReady', 'IMAGE_PULL_FAILED');
    const overrides = { image: { repository: 'registry.example/shop', tag: '2' } };
    expect(await post(id, 'continue', { overrides })).toBe(202);
    expect(await platform.settled(id, 'ready')).toMatchObject({ overrides });
    expect(world.overridesOf(namespace)).toEqual(overrides);
    expect(await eventTypes(id)).toEqual(
      expect.arrayContaining(['operation.continued await-ready', 'step.started install-release']),
    );

    const aborted = await heldAt('awaitReady');
    cluster.failNext('awaitReady', { moment: 'before', code: 'CRASH_LOOP' });
    await post(aborted.storeId, 'continue', { overrides });
    await eventually(async () => (await platform.get(aborted.storeId)).failure?.code === 'CRASH_LOOP');
    await post(aborted.storeId, 'abort');
    await platform.settled(aborted.storeId, 'failed');
    await platform.request('POST', `/api/stores/${aborted.storeId}/retry`);
    await platform.settled(aborted.storeId, 'ready');
    expect(world.overridesOf(aborted.namespace)).toEqual(overrides);
  });

  test('at its verification becomes ready without proof when that is skipped, and says so', async () => {
    const { storeId: id } = await heldAt('verifyStore');
    expect(await post(id, 'skip-verification')).toBe(202);
    const store = await platform.settled(id, 'ready');
    expect(store.verification).toMatchObject({ outcome: 'skipped', reason: 'an operator skipped the verification' });
    expect(await closedStatus(id)).toBe('COMPLETED');
  });

  test('at another step is no place to skip the verification', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    expect(await post(id, 'skip-verification')).toBe(409);
    await runOf(id).signal('skipVerification');
    await post(id, 'continue');
    const store = await platform.settled(id, 'ready');
    expect(store.verification).toMatchObject({ reason: 'the fake cluster runs no pods' });
  });

  test('takes no notice of messages that make no sense', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    const run = runOf(id);
    await run.signal('continue', { overrides: { existingSecret: 'mine' } });
    await run.signal('continue', { overrides: 'latest' });
    await run.signal('undelete');
    await run.signal('noSuchSignal', 42);
    await run.query('__temporal_workflow_metadata'); // answered after what came before it
    expect(await platform.get(id)).toMatchObject({ status: 'held', overrides: null });
    await run.signal('continue', 'whatever');
    await platform.settled(id, 'ready');
  });

  test('is resumed from the Web UI as it is over HTTP', async () => {
    const { storeId: id, namespace } = await heldAt('awaitReady');
    await runOf(id).signal('continue', { overrides: { image: { tag: '3' } } });
    expect(await platform.settled(id, 'ready')).toMatchObject({ overrides: { image: { tag: '3' } } });
    expect(world.overridesOf(namespace)).toEqual({ image: { tag: '3' } });
  });

  test('is aborted and cancelled from the Web UI as it is over HTTP', async () => {
    const [aborted, cancelled] = [await heldAt('awaitReady'), await heldAt('awaitReady')];
    await runOf(aborted.storeId).signal('abort');
    await runOf(cancelled.storeId).cancel();
    await platform.settled(aborted.storeId, 'failed');
    await platform.settled(cancelled.storeId, 'cancelled');
    expect([...world.leftovers(aborted.namespace), ...world.leftovers(cancelled.namespace)]).toEqual([]);
  });

  test('takes the first of two decisions', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    await Promise.all([runOf(id).signal('abort'), runOf(id).signal('abort'), runOf(id).signal('abort')]);
    await platform.settled(id, 'failed');
    expect(await post(id, 'continue')).toBe(409);
  });

  test('whose run was terminated is resumed by a new run, on what is there', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    await runOf(id).terminate();
    expect(await post(id, 'continue', { overrides: { image: { tag: '4' } } })).toBe(202);
    expect(await platform.settled(id, 'ready')).toMatchObject({ overrides: { image: { tag: '4' } } });
  });

  test('whose run was terminated can be deleted', async () => {
    const { storeId: id, namespace } = await heldAt('awaitReady');
    await runOf(id).terminate();
    expect(await post(id, 'abort')).toBe(409);
    expect((await platform.request('DELETE', `/api/stores/${id}`)).status).toBe(202);
    await platform.settled(id, 'deleted');
    expect(world.leftovers(namespace)).toEqual([]);
  });
});

describe('what comes at the wrong time', () => {
  test('a decision that nobody waited for is not kept for later', async () => {
    cluster.hold('ensureRelease').failNext('awaitReady', { moment: 'before' });
    const { storeId: id } = await platform.create({ onFailure: 'hold' });
    await eventually(() => cluster.isWaitingIn('ensureRelease'));
    for (const message of ['continue', 'abort', 'skipVerification']) await runOf(id).signal(message);
    expect(await post(id, 'abort')).toBe(409);
    cluster.release('ensureRelease');
    await heldStore(id);
    await runOf(id).query('__temporal_workflow_metadata');
    expect((await platform.get(id)).status).toBe('held');
    await post(id, 'abort');
    await platform.settled(id, 'failed');
  });

  test('a store that cleans up is never held', async () => {
    cluster.failNext('awaitReady', { moment: 'before' });
    const { storeId: id, onFailure } = await platform.create();
    expect(onFailure).toBe('cleanup');
    await platform.settled(id, 'failed');
    expect(await eventTypes(id)).not.toContain('operation.held await-ready');
  });

  test('a cancel that was asked for before the failure wins over the hold', async () => {
    cluster.hold('ensureSecrets');
    const { storeId: id, namespace } = await platform.create({ onFailure: 'hold' });
    await eventually(() => cluster.isWaitingIn('ensureSecrets'));
    await post(id, 'cancel');
    await platform.settled(id, 'cancelled');
    cluster.release('ensureSecrets');
    expect(world.leftovers(namespace)).toEqual([]);
  });
});
