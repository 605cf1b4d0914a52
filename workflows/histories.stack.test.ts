import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { Pool } from 'pg';
import { DEFAULT_CLUSTER, taskQueuesOf, webhookWorkflowIdOf, workflowIdOf } from '../domain/names.ts';
import type { StoreAction } from '../domain/store/actions.ts';
import { TRACE_HEADER } from '../domain/trace-context.ts';
import { targetOf as targetOfRecord } from '../db/index.ts';
import { createInput } from '../test/factories/store-records.ts';
import { targetOf } from '../test/factories/store-target.ts';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../test/fakes/interrupted-cluster.ts';
import { clusterInput } from '../test/harness/platform/cluster-activities.ts';
import { startPlatform, type TestPlatform } from '../test/harness/platform/platform.ts';
import { eventually, testStack } from '../test/harness/stack/stack.ts';
import { startWebhookReceiver } from '../test/harness/webhook-receiver.ts';
import { countedWorkflows } from '../test/harness/platform/workflow-coverage.ts';
import { traceSinks } from '../worker/traces.ts';
import { OPERATIONS, RECONCILE_RUNS, type ReconcileKind } from '../domain/operations/catalogue.ts';
import type { StoreTarget } from '../domain/operations/inputs.ts';

/**
 * A new version replays the runs that are open when it is deployed. The saved histories represent such runs: there is one for
 * each course of an operation. `RECORD_HISTORIES=1 npm test -- histories` records them again. Do this only when no run of the
 * old version is open any more.
 */
const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
const isRecording = process.env['RECORD_HISTORIES'] === '1';

/** The workflow type in the first event of a history. */
const STARTED_TYPE = /"workflowType":\{"name":"(\w+)"/;

/** Runs one course of an operation and returns the id of the store. */
type Scenario = (platform: TestPlatform, cluster: InterruptedCluster) => Promise<string>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'provision-ready': async (platform) => {
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'ready');
    return id;
  },
  'provision-on-a-real-node': async (platform) => {
    world.nodes = 'real';
    try {
      const { storeId: id } = await platform.create();
      await platform.settled(id, 'ready');
      return id;
    } finally {
      world.nodes = 'simulated';
    }
  },
  'provision-failed': async (platform, cluster) => {
    cluster.failNext('awaitReady', { moment: 'before' });
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'failed');
    return id;
  },
  'provision-failed-then-retried': async (platform, cluster) => {
    cluster.failNext('ensureRelease', { moment: 'after' });
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'failed');
    await platform.request('POST', `/api/stores/${id}/retry`);
    await platform.settled(id, 'ready');
    return id;
  },
  'provision-that-released-its-tenant-slot': async (platform, cluster) =>
    (await oneAfterTheOther(platform, cluster)).first,
  'provision-that-waited-for-a-tenant-slot': async (platform, cluster) =>
    (await oneAfterTheOther(platform, cluster)).second,
  'provision-undo-incomplete': async (platform, cluster) => {
    cluster.failNext('awaitReady', { moment: 'before' }).failNext('deleteRelease', { moment: 'before' });
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'failed');
    return id;
  },
  'provision-cancelled': async (platform, cluster) => {
    cluster.hold('ensureRelease');
    const { storeId: id } = await platform.create();
    await eventually(() => cluster.isWaitingIn('ensureRelease'));
    await platform.request('POST', `/api/stores/${id}/cancel`);
    await platform.settled(id, 'cancelled');
    cluster.release('ensureRelease');
    return id;
  },
  'provision-cancelled-before-its-run': async (platform) => {
    const caller = { tenantId: 'default-user', requestedBy: 'default-user' };
    const created = await platform.stores.create(createInput({ ...caller, now: new Date() }));
    if (created.kind !== 'created') throw new Error(`expected a new store, got ${created.kind}`);
    const { id } = created.store;
    await platform.stores.requestCancel({ ...caller, storeId: id, correlationId: 'cancel', now: new Date() });
    await platform.operations.start('provision', { store: targetOfRecord(created.store), correlationId: 'late' });
    await platform.settled(id, 'cancelled');
    return id;
  },
  'provision-held-then-queued': async (platform, cluster) => {
    cluster.failNext('awaitReady', { moment: 'before' });
    const { storeId: held } = await platform.create({ onFailure: 'hold' });
    await allows(platform, held, 'continue');
    cluster.hold('awaitReady');
    const { storeId: running } = await platform.create();
    await eventually(() => cluster.isWaitingIn('awaitReady'));
    await platform.request('POST', `/api/stores/${held}/continue`);
    await eventually(async () => (await platform.events(held)).at(-1)?.type === 'operation.queued');
    cluster.release('awaitReady');
    await platform.settled(running, 'ready');
    await platform.settled(held, 'ready');
    return held;
  },
  'provision-superseded-by-delete': async (platform, cluster) => {
    cluster.hold('awaitReady');
    const { storeId: id } = await platform.create();
    await eventually(() => cluster.isWaitingIn('awaitReady'));
    await platform.request('DELETE', `/api/stores/${id}`);
    await platform.settled(id, 'deleted');
    cluster.release('awaitReady');
    return id;
  },
  'delete-after-ready': async (platform) => {
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'ready');
    await platform.request('DELETE', `/api/stores/${id}`);
    await platform.settled(id, 'deleted');
    return id;
  },
  'delete-failed': async (platform, cluster) => {
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'ready');
    cluster.failNext('deleteNamespace', { moment: 'before' });
    await platform.request('DELETE', `/api/stores/${id}`);
    await platform.settled(id, 'failed');
    return id;
  },
  'provision-held-then-continued': async (platform, cluster) => {
    cluster.failNext('awaitReady', { moment: 'before' });
    const { storeId: id } = await platform.create({ onFailure: 'hold' });
    await allows(platform, id, 'continue');
    const body = { overrides: { image: { tag: '2' } } };
    await platform.request('POST', `/api/stores/${id}/continue`, { body });
    await platform.settled(id, 'ready');
    return id;
  },
  'provision-held-then-skipped': async (platform, cluster) => {
    cluster.failNext('verifyStore', { moment: 'before' });
    const { storeId: id } = await platform.create({ onFailure: 'hold' });
    await allows(platform, id, 'skip-verification');
    await platform.request('POST', `/api/stores/${id}/skip-verification`);
    await platform.settled(id, 'ready');
    return id;
  },
  'provision-held-then-aborted': async (platform, cluster) => {
    cluster.failNext('ensureSecrets', { moment: 'before' });
    const { storeId: id } = await platform.create({ onFailure: 'hold' });
    await allows(platform, id, 'abort');
    await platform.request('POST', `/api/stores/${id}/abort`);
    await platform.settled(id, 'failed');
    return id;
  },
  'provision-held-then-cancelled': async (platform, cluster) => {
    cluster.failNext('ensureRelease', { moment: 'before' });
    const { storeId: id } = await platform.create({ onFailure: 'hold' });
    await allows(platform, id, 'cancel', 'abort');
    await platform.request('POST', `/api/stores/${id}/cancel`);
    await platform.settled(id, 'cancelled');
    return id;
  },
  'delete-undone': async (platform) => {
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'ready');
    await platform.request('DELETE', `/api/stores/${id}?undeleteWindowSeconds=3600`);
    await allows(platform, id, 'undelete');
    await platform.request('POST', `/api/stores/${id}/undelete`);
    await platform.settled(id, 'ready');
    return id;
  },
  'delete-after-its-window': async (platform) => {
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'ready');
    await platform.request('DELETE', `/api/stores/${id}?undeleteWindowSeconds=1&keepVolumesForDays=30`);
    await platform.settled(id, 'deleted');
    return id;
  },
  'repair-of-drift': async (platform) => {
    const { storeId: id } = await platform.create();
    const store = await platform.settled(id, 'ready');
    await reconcileStore(platform, 'repair', targetOf(store));
    return id;
  },
  'cleanup-without-a-record': async (platform) => {
    const { store } = clusterInput();
    await reconcileStore(platform, 'cleanup', store);
    return store.storeId;
  },
  'adoption-without-a-namespace': async (platform) => {
    const { store } = clusterInput();
    await reconcileStore(platform, 'adopt', store);
    return store.storeId;
  },
};

/** The workflows that are not operations of a store. Each function returns the workflow id. */
const PASSES: Readonly<Record<string, (platform: TestPlatform) => Promise<string>>> = {
  'reconcile-stores': (platform) => execute(platform, 'reconcileStores'),
  'reconcile-cluster': (platform) => execute(platform, 'reconcileCluster', { cluster: DEFAULT_CLUSTER }),
  'verify-stores': async (platform) => {
    const { storeId: id } = await platform.create();
    await platform.settled(id, 'ready');
    // The workflow verifies only stores on nodes that run pods.
    const records = new Pool({ connectionString: platform.databaseUrl, max: 1 });
    await records.query("update stores set nodes = 'real' where id = $1", [id]);
    const workflowId = await execute(platform, 'verifyStores', { cluster: DEFAULT_CLUSTER });
    await records.query("update stores set nodes = 'simulated' where id = $1", [id]);
    await records.end();
    return workflowId;
  },
  'deliver-webhook': async (platform) => {
    const receiver = await startWebhookReceiver();
    receiver.answerWith(500);
    try {
      const body = { url: receiver.url };
      const created = await platform.request('POST', '/api/webhooks', { body, key: randomUUID() });
      const { webhookId } = (await created.json()) as { readonly webhookId: string };
      const sent = await platform.request('POST', `/api/webhooks/${webhookId}/test`);
      const { deliveryId } = (await sent.json()) as { readonly deliveryId: string };
      await eventually(() => receiver.received.length > 0, { deadlineMs: 60_000 });
      receiver.answerWith(204);
      const workflowId = webhookWorkflowIdOf({ installation: platform.installation, deliveryId, round: 1 });
      await platform.client.workflow.getHandle(workflowId).result();
      await platform.request('DELETE', `/api/webhooks/${webhookId}`);
      return workflowId;
    } finally {
      await receiver.close();
    }
  },
  // A run of the dispatcher takes an hour, so this one is terminated.
  'dispatch-webhooks': async (platform) => {
    const workflowId = `dispatchWebhooks-${randomUUID()}`;
    const taskQueue = taskQueuesOf(platform.installation).control;
    const run = await platform.client.workflow.start('dispatchWebhooks', { workflowId, taskQueue, args: [] });
    await eventually(async () =>
      (await run.fetchHistory()).events?.some((event) => event.activityTaskScheduledEventAttributes),
    );
    await run.terminate();
    return workflowId;
  },
};

async function execute(platform: TestPlatform, type: string, ...args: readonly unknown[]): Promise<string> {
  const workflowId = `${type}-${randomUUID()}`;
  await platform.client.workflow.execute(type, {
    workflowId,
    taskQueue: taskQueuesOf(platform.installation).control,
    args: [...args],
  });
  return workflowId;
}

/** Creates two stores of a tenant with one tenant slot: the second provision waits until the first one ends. */
async function oneAfterTheOther(
  platform: TestPlatform,
  cluster: InterruptedCluster,
): Promise<{ first: string; second: string }> {
  cluster.hold('awaitReady');
  const { storeId: first } = await platform.create();
  await eventually(() => cluster.isWaitingIn('awaitReady'));
  const { storeId: second } = await platform.create();
  await eventually(async () => (await platform.events(second)).at(-1)?.type === 'operation.queued');
  cluster.release('awaitReady');
  await platform.settled(first, 'ready');
  await platform.settled(second, 'ready');
  return { first, second };
}

async function allows(
  platform: TestPlatform,
  storeId: string,
  ...allowedActions: readonly StoreAction[]
): Promise<void> {
  await eventually(async () => {
    const store = await platform.get(storeId);
    return allowedActions.every((action) => store.allowedActions.includes(action));
  });
}

/** Starts a run of the reconciler for one store and waits until it closes. */
async function reconcileStore(platform: TestPlatform, kind: ReconcileKind, store: StoreTarget): Promise<void> {
  const { operations } = platform;
  // The previous run records its end shortly before it closes.
  await eventually(async () => (await operations.start(kind, { store, correlationId: kind })).kind === 'started');
  await eventually(async () => (await operations.observe(store.storeId)).kind === 'closed');
}

let platform: TestPlatform;
let world: FakeCluster;
let cluster: InterruptedCluster;

beforeAll(async () => {
  world = new FakeCluster();
  cluster = new InterruptedCluster(world);
  platform = await startPlatform({ cluster, maxRunning: 1, webhooks: { retryDelaysMs: [300] } });
});
afterAll(() => platform.stop());

type Histories = readonly { readonly workflowId: string; readonly history: unknown }[];

async function replayErrors(histories: Histories, code: ReplayWorkerOptions = presentCode()): Promise<string[]> {
  const errors: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(code, [...histories])) {
    if (error !== undefined) errors.push(`${workflowId}: ${error.message}`);
  }
  return errors;
}

function presentCode(): ReplayWorkerOptions {
  return { workflowBundle: { codePath: testStack().WORKFLOW_BUNDLE }, sinks: traceSinks(undefined) };
}

/** Returns the histories of all runs of a workflow id, oldest first, in the export format of the CLI and the Web UI. */
async function historiesOf(workflowId: string): Promise<string[]> {
  const runs: { runId: string; startTime: Date }[] = [];
  for await (const run of platform.client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) runs.push(run);
  runs.sort((one, other) => one.startTime.getTime() - other.startTime.getTime());
  return Promise.all(
    runs.map(async ({ runId }) => {
      const handle = platform.client.workflow.getHandle(workflowId, runId);
      await eventually(async () => (await handle.describe()).status.name !== 'RUNNING');
      return historyToJSON(await handle.fetchHistory());
    }),
  );
}

/** Removes stack traces and identities, which depend on the machine that recorded the history. */
function withoutMachineDetails(json: string): string {
  return JSON.stringify(
    JSON.parse(json, (key, value: unknown) => (key === 'stackTrace' ? '' : key === 'identity' ? 'recorded' : value)),
  );
}

/** Returns a history as if the caller of the run had recorded a trace. */
function withTrace(history: unknown): unknown {
  const copy = structuredClone(history) as {
    readonly events: readonly { readonly workflowExecutionStartedEventAttributes?: { header?: unknown } }[];
  };
  const started = copy.events[0]?.workflowExecutionStartedEventAttributes;
  if (started === undefined) throw new Error('the history does not begin with the start of a run');
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const payload = {
    metadata: { encoding: base64('json/plain') },
    data: base64(JSON.stringify({ traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` })),
  };
  started.header = { fields: { [TRACE_HEADER]: payload } };
  return copy;
}

/** All courses. Each function returns the id of the workflow whose histories are saved. */
const COURSES: typeof PASSES = {
  ...Object.fromEntries(
    Object.entries(SCENARIOS).map(([name, scenario]) => [
      name,
      async (testPlatform) => workflowIdOf(await scenario(testPlatform, cluster)),
    ]),
  ),
  ...PASSES,
};

describe.each(Object.entries(COURSES))('%s', (name, play) => {
  test('replays without an error on the present code', async () => {
    const histories = await historiesOf(await play(platform));
    expect(histories.length).toBeGreaterThan(0);
    const inMemory = histories.map((json, index) => ({
      workflowId: `${name} ${index}`,
      history: JSON.parse(json) as unknown,
    }));
    expect(await replayErrors(inMemory)).toEqual([]);
    if (!isRecording) return;
    await mkdir(FOLDER, { recursive: true });
    for (const [index, json] of histories.entries()) {
      await writeFile(`${FOLDER}${name}.${index + 1}.json`, `${withoutMachineDetails(json)}\n`);
    }
  });
});

describe('the saved histories', () => {
  afterAll(async () => {
    const counted = await countedWorkflows();
    if (counted === undefined) return;
    await replayErrors(await saved(), counted.options);
    counted.merge();
  });

  async function saved(): Promise<Histories> {
    const names = (await readdir(FOLDER)).filter((file) => file.endsWith('.json'));
    return Promise.all(
      names.map(async (name) => ({
        workflowId: name,
        history: JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as unknown,
      })),
    );
  }

  test('contain every course of an operation', async () => {
    const names = (await saved()).map(({ workflowId }) => workflowId.split('.')[0]);
    expect(new Set(names)).toEqual(new Set(Object.keys(COURSES)));
  });

  test('contain a run of every workflow that holds the workflow id of a store', async () => {
    const types = [...Object.values(OPERATIONS), ...Object.values(RECONCILE_RUNS)].map((spec) => spec.workflowType);
    const recorded = (await saved()).map(({ history }) => STARTED_TYPE.exec(JSON.stringify(history))?.[1]);
    expect(types.filter((type) => !recorded.includes(type))).toEqual([]);
  });

  test('replay without an error on the present code', async () => {
    expect(await replayErrors(await saved())).toEqual([]);
  });

  // A trace adds headers. It must not change which commands a run gives, or their order.
  test('replay without an error as runs of callers with tracing', async () => {
    const traced = (await saved()).map(({ workflowId, history }) => ({ workflowId, history: withTrace(history) }));
    expect(await replayErrors(traced)).toEqual([]);
  });

  test('fail to replay on code that runs its steps in another order', async () => {
    const code = await readFile(testStack().WORKFLOW_BUNDLE, 'utf8');
    // This change is not compatible: it swaps the first two steps.
    const broken = code
      .replaceAll('cluster.ensureNamespace(base())', 'cluster.SWAP')
      .replaceAll('cluster.ensureSecrets(base())', 'cluster.ensureNamespace(base())')
      .replaceAll('cluster.SWAP', 'cluster.ensureSecrets(base())');
    expect(broken).not.toBe(code);
    const errors = await replayErrors(await saved(), { workflowBundle: { code: broken } });
    expect(errors.join('\n')).toMatch(/[Nn]ondeterminis/);
  });
});
