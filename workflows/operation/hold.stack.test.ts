import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FailureCode } from '../../domain/failure.ts';
import { workflowIdOf } from '../../domain/names.ts';
import { allowedActions } from '../../domain/store/actions.ts';
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

async function heldStore(storeId: string): Promise<Store> {
  return eventually(async () => {
    const store = await platform.get(storeId);
    return store.status === 'held' && store;
  });
}

/** Creates a store and waits until it is held because this activity failed. */
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
  test('shows the cause and the allowed actions, keeps its objects, and becomes ready after a continue', async () => {
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
    const hasObjects = STEP_ACTIVITIES.findIndex(([name]) => name === step) > 0;
    expect(world.leftovers(store.namespace).length > 0).toBe(hasObjects);

    expect(await post(store.storeId, 'continue')).toBe(202);
    const ready = await platform.settled(store.storeId, 'ready');
    expect(ready).toMatchObject({ failure: null, operation: null, overrides: null, allowedActions: READY_ACTIONS });
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

  test('is undone after an abort and ends as failed with its first cause', async () => {
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

  test('is undone after a cancel and ends as cancelled', async () => {
    const { storeId: id, namespace } = await heldAt(activity);
    expect(await post(id, 'cancel')).toBe(202);
    await platform.settled(id, 'cancelled');
    expect(await closedStatus(id)).toBe('CANCELLED');
    expect(world.leftovers(namespace)).toEqual([]);
  });

  test('is undone after a delete and ends as deleted', async () => {
    const { storeId: id, namespace } = await heldAt(activity);
    expect((await platform.request('DELETE', `/api/stores/${id}`)).status).toBe(202);
    await platform.settled(id, 'deleted');
    expect(world.leftovers(namespace)).toEqual([]);
  });
});

describe('a held provision', () => {
  test('lists the possible signals in the Web UI and can be found by its status', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    const described = await eventually(async () => {
      const description = await runOf(id).describe();
      return description.searchAttributes['StoreStatus']?.[0] === 'held' && description;
    });
    const details = await runOf(id).query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(details.currentDetails).toContain('`continue`');
    expect(details.currentDetails).not.toContain('`skipVerification`');
    expect(described.status.name).toBe('RUNNING');
    await post(id, 'abort');
    await platform.settled(id, 'failed');
  });

  test('is held and recorded again when the continued step fails again', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    cluster.failNext('awaitReady', { moment: 'before', code: 'CRASH_LOOP' });
    await post(id, 'continue');
    await eventually(async () => (await platform.get(id)).failure?.code === 'CRASH_LOOP');
    expect((await eventTypes(id)).filter((type) => type === 'operation.held await-ready')).toHaveLength(2);
    await post(id, 'continue');
    await platform.settled(id, 'ready');
  });

  test('retries a continued step after a transient failure, like any other step', async () => {
    const { storeId: id } = await heldAt('ensureSecrets');
    cluster.failNext('ensureSecrets', { moment: 'before', code: 'CLUSTER_UNAVAILABLE' });
    await post(id, 'continue');
    await platform.settled(id, 'ready');
    expect((await eventTypes(id)).filter((type) => type.startsWith('operation.held'))).toHaveLength(1);
  });

  test('applies a change of the overrides and keeps it for later retries', async () => {
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

  test('unsets overrides, and applies the values of the platform again', async () => {
    const { storeId: id, namespace } = await heldAt('awaitReady', 'IMAGE_PULL_FAILED');
    const changes = [
      [
        { image: { repository: 'registry.example/shop', tag: '2' } },
        { image: { repository: 'registry.example/shop', tag: '2' } },
      ],
      [{ image: { tag: null } }, { image: { repository: 'registry.example/shop' } }],
      [{ image: null }, null],
    ] as const;
    for (const [index, [overrides, result]] of changes.entries()) {
      const isLast = index === changes.length - 1;
      if (!isLast) cluster.failNext('awaitReady', { moment: 'before', code: 'CRASH_LOOP' });
      expect(await post(id, 'continue', { overrides })).toBe(202);
      await eventually(async () => {
        const store = await platform.get(id);
        expect([store.status, store.overrides]).toEqual([isLast ? 'ready' : 'held', result]);
        return true;
      });
      expect(world.overridesOf(namespace)).toEqual(result ?? {});
    }
  });

  test('becomes ready after its verification is skipped, and the record says so', async () => {
    const { storeId: id } = await heldAt('verifyStore');
    expect(await post(id, 'skip-verification')).toBe(202);
    const store = await platform.settled(id, 'ready');
    expect(store.verification).toMatchObject({ outcome: 'skipped', reason: 'an operator skipped the verification' });
    expect(await closedStatus(id)).toBe('COMPLETED');
  });

  test('does not accept skip-verification at a step other than verify', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    expect(await post(id, 'skip-verification')).toBe(409);
    await runOf(id).signal('skipVerification');
    await post(id, 'continue');
    const store = await platform.settled(id, 'ready');
    expect(store.verification).toMatchObject({ reason: 'the fake cluster runs no pods' });
  });

  test('ignores invalid signals', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    const run = runOf(id);
    await run.signal('continue', { overrides: { existingSecret: 'mine' } });
    await run.signal('continue', { overrides: 'latest' });
    await run.signal('undelete');
    await run.signal('noSuchSignal', 42);
    await run.query('__temporal_workflow_metadata'); // the run answers the query after it has handled the signals
    expect(await platform.get(id)).toMatchObject({ status: 'held', overrides: null });
    await run.signal('continue', 'no object');
    await platform.settled(id, 'ready');
  });

  test('continues after a signal from the Web UI in the same way as over HTTP', async () => {
    const { storeId: id, namespace } = await heldAt('awaitReady');
    await runOf(id).signal('continue', { overrides: { image: { tag: '3' } } });
    expect(await platform.settled(id, 'ready')).toMatchObject({ overrides: { image: { tag: '3' } } });
    expect(world.overridesOf(namespace)).toEqual({ image: { tag: '3' } });
  });

  test('is aborted and cancelled from the Web UI in the same way as over HTTP', async () => {
    const [aborted, cancelled] = [await heldAt('awaitReady'), await heldAt('awaitReady')];
    await runOf(aborted.storeId).signal('abort');
    await runOf(cancelled.storeId).cancel();
    await platform.settled(aborted.storeId, 'failed');
    await platform.settled(cancelled.storeId, 'cancelled');
    expect([...world.leftovers(aborted.namespace), ...world.leftovers(cancelled.namespace)]).toEqual([]);
  });

  test('follows the first of several decisions', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    await Promise.all([runOf(id).signal('abort'), runOf(id).signal('abort'), runOf(id).signal('abort')]);
    await platform.settled(id, 'failed');
    expect(await post(id, 'continue')).toBe(409);
  });

  test('is continued by a new run with the existing objects after its run was terminated', async () => {
    const { storeId: id } = await heldAt('awaitReady');
    await runOf(id).terminate();
    expect(await post(id, 'continue', { overrides: { image: { tag: '4' } } })).toBe(202);
    expect(await platform.settled(id, 'ready')).toMatchObject({ overrides: { image: { tag: '4' } } });
  });

  test('can be deleted after its run was terminated', async () => {
    const { storeId: id, namespace } = await heldAt('awaitReady');
    await runOf(id).terminate();
    expect(await post(id, 'abort')).toBe(409);
    expect((await platform.request('DELETE', `/api/stores/${id}`)).status).toBe(202);
    await platform.settled(id, 'deleted');
    expect(world.leftovers(namespace)).toEqual([]);
  });
});

describe('a decision at the wrong time', () => {
  test('is not kept for a later hold', async () => {
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

  test('a store with the failure policy cleanup is never held', async () => {
    cluster.failNext('awaitReady', { moment: 'before' });
    const { storeId: id, onFailure } = await platform.create();
    expect(onFailure).toBe('cleanup');
    await platform.settled(id, 'failed');
    expect(await eventTypes(id)).not.toContain('operation.held await-ready');
  });

  test('a cancel before the failure prevents the hold', async () => {
    cluster.hold('ensureSecrets');
    const { storeId: id, namespace } = await platform.create({ onFailure: 'hold' });
    await eventually(() => cluster.isWaitingIn('ensureSecrets'));
    await post(id, 'cancel');
    await platform.settled(id, 'cancelled');
    cluster.release('ensureSecrets');
    expect(world.leftovers(namespace)).toEqual([]);
  });
});

test('a provision that is continued again and again moves to a new run, and keeps its objects and overrides', async () => {
  const store = await heldAt('awaitReady');
  const { storeId: id } = store;
  const { runId: firstRunId } = await runOf(id).describe();
  for (let rounds = 1; rounds <= 10; rounds += 1) {
    cluster.failNext('awaitReady', { moment: 'before', code: 'CHART_INVALID' });
    const before = (await eventTypes(id)).filter((type) => type.startsWith('operation.held')).length;
    expect(await post(id, 'continue', { overrides: { image: { tag: String(rounds) } } })).toBe(202);
    await eventually(
      async () => (await eventTypes(id)).filter((type) => type.startsWith('operation.held')).length > before,
    );
  }
  expect((await runOf(id).describe()).runId).not.toBe(firstRunId);
  expect((await runOf(id).describe()).historyLength).toBeLessThan(100);
  const secrets = world.leftovers(store.namespace);
  expect(await post(id, 'continue')).toBe(202);
  expect(await platform.settled(id, 'ready')).toMatchObject({ overrides: { image: { tag: '10' } } });
  expect(world.leftovers(store.namespace)).toEqual(secrets);
});
