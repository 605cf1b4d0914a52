import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { scheduleIdsOf, workflowIdOf } from '../../domain/names.ts';
import type { StepOf } from '../../domain/operations/catalogue.ts';
import { readInstallation } from '../harness/platform/installation.ts';
import { clusterLeftovers } from '../harness/platform/cluster-leftovers.ts';
import {
  startApiProcess,
  startProcess,
  startWorkerProcess,
  type PlatformEnv,
  type PlatformProcess,
} from '../harness/platform/processes.ts';
import { createDatabase, eventually, testStack, type TestDatabase } from '../harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../harness/stack/temporal-namespace.ts';
import type { Store } from '../../api/contract/store.ts';

/** API and workers are separate processes here, so that tests can kill them. */
let database: TestDatabase;
let temporal: TestNamespace;
let env: PlatformEnv;
const running: PlatformProcess[] = [];

beforeAll(async () => {
  database = await createDatabase();
  temporal = await createTemporalNamespace();
  env = { ...testStack(), DATABASE_URL: database.url, TEMPORAL_NAMESPACE: temporal.namespace };
});
afterEach(async () => {
  for (const process of running.splice(0)) await process.kill('SIGKILL');
});
afterAll(async () => {
  await temporal.close();
  await database.drop();
});

async function worker(extra: Readonly<Record<string, string>> = {}): Promise<PlatformProcess> {
  const started = await startWorkerProcess(env, extra);
  running.push(started);
  return started;
}

async function api(extra: Readonly<Record<string, string>> = {}) {
  const started = await startApiProcess(env, extra);
  running.push(started);
  return started;
}

async function create(url: string, key: string = randomUUID()): Promise<Store> {
  const response = await fetch(`${url}/api/stores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ name: 'Acme', engine: 'woocommerce' }),
  });
  expect(response.status).toBe(202);
  return (await response.json()) as Store;
}

async function get(url: string, id: string): Promise<Store> {
  return (await (await fetch(`${url}/api/stores/${id}`)).json()) as Store;
}

async function settled(url: string, id: string, status: Store['status']): Promise<Store> {
  return eventually(
    async () => {
      const store = await get(url, id);
      if (store.status === status && store.operation === null) return store;
      throw new Error(`the store is ${store.status}: ${JSON.stringify(store.operation ?? store.failure)}`);
    },
    { deadlineMs: 110_000 },
  );
}

async function runsOf(storeId: string): Promise<number> {
  let count = 0;
  for await (const _ of temporal.client.workflow.list({ query: `WorkflowId = "${workflowIdOf(storeId)}"` })) count += 1;
  return count;
}

describe('a worker that is killed during a provision', () => {
  test.each(['install-release', 'await-ready'] as const satisfies readonly StepOf<'provision'>[])(
    'during %s: another worker finishes the store in the same workflow run',
    async (step) => {
      const { url } = await api();
      const first = await worker();
      const { storeId: id } = await create(url);
      await eventually(async () => (await get(url, id)).operation?.step === step, { intervalMs: 5 });
      await first.kill('SIGKILL');
      expect((await get(url, id)).status).toBe('provisioning');
      await worker();
      const store = await settled(url, id, 'ready');
      expect(await runsOf(id)).toBe(1);
      await fetch(`${url}/api/stores/${id}`, { method: 'DELETE' });
      await settled(url, id, 'deleted');
      expect(await clusterLeftovers(store)).toEqual([]);
    },
  );
});

describe('a worker that is lost while it waits for work', () => {
  test.each(['SIGKILL', 'SIGSTOP'] as const)('%s: takes no slot of the other worker with it', async (signal) => {
    const { url } = await api();
    const lost = await worker();
    await worker({ CLUSTER_SLOTS_PER_WORKER: '1', WATCH_SLOTS_PER_WORKER: '1' });
    if (signal === 'SIGKILL') await lost.kill(signal);
    else lost.signal(signal);
    const stores = await Promise.all([create(url), create(url)]);
    await Promise.all(stores.map(({ storeId }) => settled(url, storeId, 'ready')));
    await Promise.all(stores.map(({ storeId }) => fetch(`${url}/api/stores/${storeId}`, { method: 'DELETE' })));
    for (const { storeId } of stores) await settled(url, storeId, 'deleted');
  });
});

/** Breaks only the threads in which the SDK runs workflows. */
const BROKEN_THREADS = `--import data:text/javascript,${encodeURIComponent(
  "import { isMainThread } from 'node:worker_threads'; if (!isMainThread) throw new Error('no threads here');",
)}`;

test('a worker that cannot poll one of its task queues exits, so that its supervisor restarts it', async () => {
  const half = startProcess('worker', { ...env, NODE_OPTIONS: BROKEN_THREADS });
  running.push(half);
  expect(await half.ended()).toBe(1);
  expect(half.output()).toContain('the worker stopped because of an error');
});

describe('an API that is killed after it recorded a store and before it started the workflow', () => {
  let tarpit: Server;

  beforeAll(async () => {
    // A server that accepts connections and never responds. The start hangs, so the test has time to kill the API.
    tarpit = createServer((socket) => void socket.on('error', () => socket.destroy()));
    await new Promise<void>((resolve) => tarpit.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void tarpit.close());

  /** Records a store through an API process that is killed before it can start the workflow. */
  async function recordedOnly(key: string): Promise<void> {
    const { port } = tarpit.address() as AddressInfo;
    const dying = await api({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
    const lost = create(dying.url, key).then(
      () => 'answered',
      () => 'lost',
    );
    await eventually(async () => {
      const { pagination } = (await (await fetch(`${dying.url}/api/stores?status=requested&count=true`)).json()) as {
        pagination: { total: number };
      };
      return pagination.total === 1;
    });
    await dying.kill('SIGKILL');
    expect(await lost).toBe('lost');
  }

  test('the store becomes ready when the caller sends the same request again', async () => {
    const key = randomUUID();
    await recordedOnly(key);
    const { url } = await api();
    await worker();
    const { storeId: id } = await create(url, key);
    await settled(url, id, 'ready');
    expect(await runsOf(id)).toBe(1);
    await fetch(`${url}/api/stores/${id}`, { method: 'DELETE' });
    await settled(url, id, 'deleted');
  });

  test('the store becomes ready through the reconcile schedule, without a request', async () => {
    await recordedOnly(randomUUID());
    const { url } = await api();
    await worker();
    const page = (await (await fetch(`${url}/api/stores?status=requested&count=true`)).json()) as { data: Store[] };
    const id = page.data[0]?.storeId ?? '';
    const { reconcileStores } = scheduleIdsOf(await readInstallation(database.url));
    await eventually(
      async () => {
        await temporal.client.schedule.getHandle(reconcileStores).trigger();
        return (await get(url, id)).status !== 'requested';
      },
      { deadlineMs: 60_000, intervalMs: 2_000 },
    );
    await settled(url, id, 'ready');
    expect(await runsOf(id)).toBe(1);
  });
});
