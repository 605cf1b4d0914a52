import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { workflowIdOf } from '../domain/names.ts';
import type { StoreTarget } from '../domain/operations.ts';
import type { Move } from '../domain/store-moves.ts';
import type { StoreResource } from '../domain/store.ts';
import type { UpkeepKind } from '../temporal/store-operations.ts';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../test/fakes/interrupted-cluster.ts';
import { clusterInput } from '../test/harness/cluster-activities.ts';
import { startPlatform, type TestPlatform } from '../test/harness/platform.ts';
import { eventually, testStack } from '../test/harness/stack.ts';

/**
 * Runs that are open while a new version is deployed are replayed by it. The saved histories, one for each way that an
 * operation can go, stand for them. `RECORD_HISTORIES=1 npm test -- histories` writes them anew: on purpose only, when no
 * run of the old version is open any more.
 */
const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
const isRecording = process.env['RECORD_HISTORIES'] === '1';

type Scenario = (platform: TestPlatform, cluster: InterruptedCluster) => Promise<string>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'provision-ready': async (platform) => {
    const { id } = await platform.create();
    await platform.settled(id, 'ready');
    return id;
  },
  'provision-failed': async (platform, cluster) => {
    cluster.failNext('awaitReady', { moment: 'before' });
    const { id } = await platform.create();
    await platform.settled(id, 'failed');
    return id;
  },
  'provision-failed-then-retried': async (platform, cluster) => {
    cluster.failNext('ensureRelease', { moment: 'after' });
    const { id } = await platform.create();
    await platform.settled(id, 'failed');
    await platform.request('POST', `/api/stores/${id}/retry`);
    await platform.settled(id, 'ready');
    return id;
  },
  'provision-undo-incomplete': async (platform, cluster) => {
    cluster.failNext('awaitReady', { moment: 'before' }).failNext('deleteRelease', { moment: 'before' });
    const { id } = await platform.create();
    await platform.settled(id, 'failed');
    return id;
  },
  'provision-cancelled': async (platform, cluster) => {
    cluster.hold('ensureRelease');
    const { id } = await platform.create();
    await eventually(() => cluster.isWaitingIn('ensureRelease'));
    await platform.request('POST', `/api/stores/${id}/cancel`);
    await platform.settled(id, 'cancelled');
    cluster.release('ensureRelease');
    return id;
  },
  'provision-superseded-by-delete': async (platform, cluster) => {
    cluster.hold('awaitReady');
    const { id } = await platform.create();
    await eventually(() => cluster.isWaitingIn('awaitReady'));
    await platform.request('DELETE', `/api/stores/${id}`);
    await platform.settled(id, 'deleted');
    cluster.release('awaitReady');
    return id;
  },
  'delete-after-ready': async (platform) => {
    const { id } = await platform.create();
    await platform.settled(id, 'ready');
    await platform.request('DELETE', `/api/stores/${id}`);
    await platform.settled(id, 'deleted');
    return id;
  },
  'delete-failed': async (platform, cluster) => {
    const { id } = await platform.create();
    await platform.settled(id, 'ready');
    cluster.failNext('deleteNamespace', { moment: 'before' });
    await platform.request('DELETE', `/api/stores/${id}`);
    await platform.settled(id, 'failed');
    return id;
  },
  'provision-held-then-resumed': async (platform, cluster) => {
    cluster.failNext('awaitReady', { moment: 'before' });
    const { id } = await platform.create({ onFailure: 'hold' });
    await allows(platform, id, 'resume');
    const body = { spec: { image: { tag: '2' } } };
    await platform.request('POST', `/api/stores/${id}/resume`, { body });
    await platform.settled(id, 'ready');
    return id;
  },
  'provision-held-then-skipped': async (platform, cluster) => {
    cluster.failNext('verifyStore', { moment: 'before' });
    const { id } = await platform.create({ onFailure: 'hold' });
    await allows(platform, id, 'skip-verification');
    await platform.request('POST', `/api/stores/${id}/skip-verification`);
    await platform.settled(id, 'ready');
    return id;
  },
  'provision-held-then-aborted': async (platform, cluster) => {
    cluster.failNext('ensureSecrets', { moment: 'before' });
    const { id } = await platform.create({ onFailure: 'hold' });
    await allows(platform, id, 'abort');
    await platform.request('POST', `/api/stores/${id}/abort`);
    await platform.settled(id, 'failed');
    return id;
  },
  'provision-held-then-cancelled': async (platform, cluster) => {
    cluster.failNext('ensureRelease', { moment: 'before' });
    const { id } = await platform.create({ onFailure: 'hold' });
    await allows(platform, id, 'cancel', 'abort');
    await platform.request('POST', `/api/stores/${id}/cancel`);
    await platform.settled(id, 'cancelled');
    return id;
  },
  'delete-undone': async (platform) => {
    const { id } = await platform.create();
    await platform.settled(id, 'ready');
    await platform.request('DELETE', `/api/stores/${id}`, { body: { undeleteWithinSeconds: 3_600 } });
    await allows(platform, id, 'undelete');
    await platform.request('POST', `/api/stores/${id}/undelete`);
    await platform.settled(id, 'ready');
    return id;
  },
  'delete-after-its-window': async (platform) => {
    const { id } = await platform.create();
    await platform.settled(id, 'ready');
    const body = { undeleteWithinSeconds: 1, volumePolicy: { keepForDays: 30 } };
    await platform.request('DELETE', `/api/stores/${id}`, { body });
    await platform.settled(id, 'deleted');
    return id;
  },
  'repair-of-drift': async (platform) => {
    const { id } = await platform.create();
    const store = await platform.settled(id, 'ready');
    await runUpkeep(platform, 'repair', targetOf(store));
    return id;
  },
  'sweep-without-a-record': async (platform) => {
    const { store } = clusterInput();
    await runUpkeep(platform, 'sweep', store);
    return store.storeId;
  },
};

async function allows(platform: TestPlatform, storeId: string, ...moves: readonly Move[]): Promise<void> {
  await eventually(async () => {
    const store = await platform.get(storeId);
    return moves.every((move) => store.moves.includes(move));
  });
}

function targetOf({ id, name, engine, namespace, release }: StoreResource): StoreTarget {
  const tenantId = 'default-user';
  return { storeId: id, tenantId, name, engine, namespace, releaseName: release, host: `${release}.localhost` };
}

async function runUpkeep(platform: TestPlatform, kind: UpkeepKind, store: StoreTarget): Promise<void> {
  const { operations } = platform;
  // The run before has recorded its end and closes a moment later.
  await eventually(async () => (await operations.start(kind, { store, correlationId: kind })).kind === 'started');
  await eventually(async () => (await operations.observe(store.storeId)).kind === 'closed');
}

let platform: TestPlatform;
let cluster: InterruptedCluster;

beforeAll(async () => {
  cluster = new InterruptedCluster(new FakeCluster());
  platform = await startPlatform({ cluster });
});
afterAll(() => platform.stop());

async function replayErrors(histories: readonly { workflowId: string; history: unknown }[], workflowBundle: Bundle) {
  const errors: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    if (error !== undefined) errors.push(`${workflowId}: ${error.message}`);
  }
  return errors;
}

type Bundle = { readonly code: string } | { readonly codePath: string };

/** Every run of a store's workflow id, oldest first, as the CLI and the Web UI export them. */
async function historiesOf(storeId: string): Promise<string[]> {
  const workflowId = workflowIdOf(storeId);
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

describe.each(Object.entries(SCENARIOS))('%s', (name, scenario) => {
  test('replays on the code that ran it', async () => {
    const id = await scenario(platform, cluster);
    const histories = await historiesOf(id);
    expect(histories.length).toBeGreaterThan(0);
    const inMemory = histories.map((json, index) => ({
      workflowId: `${name} ${index}`,
      history: JSON.parse(json) as unknown,
    }));
    expect(await replayErrors(inMemory, { codePath: testStack().WORKFLOW_BUNDLE })).toEqual([]);
    if (!isRecording) return;
    await mkdir(FOLDER, { recursive: true });
    for (const [index, json] of histories.entries()) {
      await writeFile(`${FOLDER}${name}.${index + 1}.json`, `${impersonal(json)}\n`);
    }
  });
});

describe('the saved histories', () => {
  async function saved() {
    const names = (await readdir(FOLDER)).filter((file) => file.endsWith('.json'));
    return Promise.all(
      names.map(async (name) => ({
        workflowId: name,
        history: JSON.parse(await readFile(FOLDER + name, 'utf8')) as unknown,
      })),
    );
  }

  test('hold every way an operation can go', async () => {
    const names = (await saved()).map(({ workflowId }) => workflowId.split('.')[0]);
    expect(new Set(names)).toEqual(new Set(Object.keys(SCENARIOS)));
  });

  test('replay on the present code', async () => {
    expect(await replayErrors(await saved(), { codePath: testStack().WORKFLOW_BUNDLE })).toEqual([]);
  });

  test('do not replay on code that takes its steps in another order', async () => {
    const code = await readFile(testStack().WORKFLOW_BUNDLE, 'utf8');
    // What a careless change would do: the first two steps trade places.
    const broken = code
      .replaceAll('cluster.ensureNamespace', 'cluster.SWAP')
      .replaceAll('cluster.ensureSecrets', 'cluster.ensureNamespace')
      .replaceAll('cluster.SWAP', 'cluster.ensureSecrets');
    expect(broken).not.toBe(code);
    const errors = await replayErrors(await saved(), { code: broken });
    expect(errors.join('\n')).toMatch(/[Nn]ondeterminis/);
  });
});
