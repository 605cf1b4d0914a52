import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { Pool } from 'pg';
import { TASK_QUEUES, workflowIdOf } from '../domain/names.ts';
import type { StoreAction } from '../domain/store/actions.ts';
import { targetOf } from '../test/factories/store-target.ts';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../test/fakes/interrupted-cluster.ts';
import { clusterInput } from '../test/harness/platform/cluster-activities.ts';
import { startPlatform, type TestPlatform } from '../test/harness/platform/platform.ts';
import { eventually, testStack } from '../test/harness/stack/stack.ts';
import { countedWorkflows } from '../test/harness/platform/workflow-coverage.ts';
import type { ReconcileKind } from '../domain/operations/catalogue.ts';
import type { ExpireVolumesInput, StoreTarget } from '../domain/operations/inputs.ts';

/**
 * Runs that are open while a new version is deployed are replayed by it. The saved histories, one for each way that an
 * operation can go, stand for them. `RECORD_HISTORIES=1 npm test -- histories` writes them anew: on purpose only, when no
 * run of the old version is open any more.
 */
const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
const isRecording = process.env['RECORD_HISTORIES'] === '1';

/** Plays one way that an operation can go, and returns the store's id. */
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
  'provision-that-passed-its-turn-on': async (played, world) => (await inTurn(played, world)).first,
  'provision-that-waited-for-its-turn': async (played, world) => (await inTurn(played, world)).second,
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
  'provision-held-then-resumed': async (platform, cluster) => {
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
    await runUpkeep(platform, 'repair', targetOf(store));
    return id;
  },
  'cleanup-without-a-record': async (platform) => {
    const { store } = clusterInput();
    await runUpkeep(platform, 'cleanup', store);
    return store.storeId;
  },
};

/** What runs beside the operations. Each returns the id of its workflow. */
const PASSES: Readonly<Record<string, (platform: TestPlatform) => Promise<string>>> = {
  'reconcile-stores': (played) => execute(played, 'reconcileStores'),
  'reconcile-cluster': (played) => execute(played, 'reconcileCluster'),
  'verify-stores': async (played) => {
    const { storeId: id } = await played.create();
    await played.settled(id, 'ready');
    // Only stores that run somewhere are looked at.
    const records = new Pool({ connectionString: played.databaseUrl, max: 1 });
    await records.query("update stores set nodes = 'real' where id = $1", [id]);
    const workflowId = await execute(played, 'verifyStores');
    await records.query("update stores set nodes = 'simulated' where id = $1", [id]);
    await records.end();
    return workflowId;
  },
  'expire-volumes': async (played) => {
    const { storeId: id } = await played.create();
    const store = targetOf(await played.settled(id, 'ready'));
    const input: ExpireVolumesInput = { store, correlationId: 'expiry', keepForDays: 1 / 86_400 };
    return execute(played, 'expireVolumes', input);
  },
};

async function execute(played: TestPlatform, type: string, ...args: readonly unknown[]): Promise<string> {
  const workflowId = `${type}-${randomUUID()}`;
  await played.client.workflow.execute(type, { workflowId, taskQueue: TASK_QUEUES.control, args: [...args] });
  return workflowId;
}

/** Two stores of a tenant that may provision one at a time, the second while the first still runs. */
async function inTurn(played: TestPlatform, world: InterruptedCluster): Promise<{ first: string; second: string }> {
  world.hold('awaitReady');
  const { storeId: first } = await played.create();
  await eventually(() => world.isWaitingIn('awaitReady'));
  const { storeId: second } = await played.create();
  await eventually(async () => (await played.events(second)).at(-1)?.type === 'operation.queued');
  world.release('awaitReady');
  await played.settled(first, 'ready');
  await played.settled(second, 'ready');
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

async function runUpkeep(platform: TestPlatform, kind: ReconcileKind, store: StoreTarget): Promise<void> {
  const { operations } = platform;
  // The run before has recorded its end and closes a moment later.
  await eventually(async () => (await operations.start(kind, { store, correlationId: kind })).kind === 'started');
  await eventually(async () => (await operations.observe(store.storeId)).kind === 'closed');
}

let platform: TestPlatform;
let world: FakeCluster;
let cluster: InterruptedCluster;

beforeAll(async () => {
  world = new FakeCluster();
  cluster = new InterruptedCluster(world);
  platform = await startPlatform({ cluster, maxRunning: 1 });
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
  return { workflowBundle: { codePath: testStack().WORKFLOW_BUNDLE } };
}

/** Every run of a workflow id, oldest first, as the CLI and the Web UI export them. */
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

/** Without what belongs to the machine that recorded it. */
function impersonal(json: string): string {
  return JSON.stringify(
    JSON.parse(json, (key, value: unknown) => (key === 'stackTrace' ? '' : key === 'identity' ? 'recorded' : value)),
  );
}

/** Each returns the id of the workflow whose runs are kept. */
const PLAYED: typeof PASSES = {
  ...Object.fromEntries(
    Object.entries(SCENARIOS).map(([name, scenario]) => [
      name,
      async (played) => workflowIdOf(await scenario(played, cluster)),
    ]),
  ),
  ...PASSES,
};

describe.each(Object.entries(PLAYED))('%s', (name, play) => {
  test('replays on the code that ran it', async () => {
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
      await writeFile(`${FOLDER}${name}.${index + 1}.json`, `${impersonal(json)}\n`);
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

  test('hold every way an operation can go', async () => {
    const names = (await saved()).map(({ workflowId }) => workflowId.split('.')[0]);
    expect(new Set(names)).toEqual(new Set(Object.keys(PLAYED)));
  });

  test('replay on the present code', async () => {
    expect(await replayErrors(await saved())).toEqual([]);
  });

  test('do not replay on code that takes its steps in another order', async () => {
    const code = await readFile(testStack().WORKFLOW_BUNDLE, 'utf8');
    // What a careless change would do: the first two steps trade places.
    const broken = code
      .replaceAll('cluster.ensureNamespace(base())', 'cluster.SWAP')
      .replaceAll('cluster.ensureSecrets(base())', 'cluster.ensureNamespace(base())')
      .replaceAll('cluster.SWAP', 'cluster.ensureSecrets(base())');
    expect(broken).not.toBe(code);
    const errors = await replayErrors(await saved(), { workflowBundle: { code: broken } });
    expect(errors.join('\n')).toMatch(/[Nn]ondeterminis/);
  });
});
