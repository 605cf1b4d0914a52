import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { createLostRunActivities } from '../../activities/reconcile/lost-runs.ts';
import { openDb, type OpenDatabase } from '../../db/connection/open-db.ts';
import { createConditionRecords } from '../../db/stores/conditions.ts';
import { createReconcileRecords } from '../../db/reconcile/reconcile-records.ts';
import { DEFAULT_CLUSTER, taskQueuesOf } from '../../domain/names.ts';
import type { reconcileCluster } from '../../workflows/index.ts';
import { copyStores } from '../factories/copy-stores.ts';
import { FakeCluster } from '../fakes/fake-cluster.ts';
import { FakeClusterReconciler } from '../fakes/fake-cluster-reconciler.ts';
import { FakeStoreOperations } from '../fakes/fake-store-operations.ts';
import { asActivity } from '../harness/platform/cluster-activities.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';

const STORES = 10_000;
/** The rows of all stores together take several times as much memory. */
const ALLOWED_GROWTH_BYTES = 16 * 1024 * 1024;

let platform: TestPlatform;
let opened: OpenDatabase;
/** A pool without the platform's query timeouts: the platform never writes ten thousand rows in one statement. */
let bulk: Pool;
let reconciler: FakeClusterReconciler;

beforeAll(async () => {
  reconciler = new FakeClusterReconciler();
  platform = await startPlatform({ cluster: new FakeCluster(), reconciler: { cluster: reconciler } });
  opened = openDb({ databaseUrl: platform.databaseUrl, poolSize: 4, applicationName: 'test', log: console });
  bulk = new Pool({ connectionString: platform.databaseUrl, max: 1 });
  const { storeId: id } = await platform.create();
  await platform.settled(id, 'ready');
  await copyStores(bulk, { storeId: id, count: STORES - 1 });
}, 300_000);
afterAll(async () => {
  await bulk.end();
  await opened.close();
  await platform.stop();
});

/** Returns the bytes that the heap holds after a garbage collection. */
function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void; // the flag --expose-gc adds it to new contexts

/** Measures the heap at every thousandth call. */
function heapSampler() {
  const samples: number[] = [];
  let calls = 0;
  return {
    samples,
    calls: () => calls,
    sample: () => {
      calls += 1;
      if (calls % 1_000 === 0) samples.push(heapBytes());
    },
  };
}

function growth([first = 0, ...later]: readonly number[]): number {
  return Math.max(...later) - first;
}

test('a pass inspects each of 10,000 stores once, with bounded memory and bounded histories', async () => {
  const seen = new Set<string>();
  const heap = heapSampler();
  reconciler.onInspect = ({ storeId }) => {
    seen.add(storeId);
    heap.sample();
  };
  const workflowId = `pass-${randomUUID()}`;
  const pass = await platform.client.workflow.start<typeof reconcileCluster>('reconcileCluster', {
    workflowId,
    taskQueue: taskQueuesOf(platform.installation).control,
    args: [{ cluster: DEFAULT_CLUSTER }],
  });
  expect(await pass.result()).toMatchObject({ inspected: STORES, drifted: 0 });
  expect(seen.size).toBe(STORES);
  expect(heap.calls()).toBe(STORES);
  expect(growth(heap.samples)).toBeLessThan(ALLOWED_GROWTH_BYTES);

  const lengths: number[] = [];
  for await (const { historyLength } of platform.client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
    lengths.push(historyLength);
  }
  expect(Math.max(...lengths)).toBeLessThan(1_000);
  expect(lengths.length).toBeGreaterThan(1);
}, 300_000);

test('the search for lost runs checks 10,000 running operations with bounded memory', async () => {
  await bulk.query(`update stores set status = 'provisioning', updated_at = now() - interval '1 hour'`);
  await bulk.query(`update operations set status = 'running', ended_at = null`);
  const records = createReconcileRecords(opened.db);
  const operations = new FakeStoreOperations();
  const heap = heapSampler();
  operations.observe = async () => {
    heap.sample();
    return { kind: 'open' };
  };
  const { restartLost } = createLostRunActivities({
    unstarted: { listUnstarted: async () => [] },
    running: records,
    operations,
    progress: { progressOf: async () => null },
    conditions: createConditionRecords(opened.db),
    now: () => new Date(),
  });
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof restartLost>> = await asActivity(restartLost, {
      olderThanSeconds: 120,
      pageSize: 100,
      after,
      scope: 'active',
      deletesIn: [DEFAULT_CLUSTER],
    });
    after = page.next;
  } while (after !== null);
  expect(heap.calls()).toBe(STORES);
  expect(growth(heap.samples)).toBeLessThan(ALLOWED_GROWTH_BYTES);
}, 300_000);
