import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { openDb, type OpenDatabase } from '../../db/connection/open-db.ts';
import { createPassPositions } from '../../db/reconcile/pass-positions.ts';
import { StoreError } from '../../domain/failure.ts';
import { DEFAULT_CLUSTER, taskQueuesOf } from '../../domain/names.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import { FakeCluster } from '../../test/fakes/fake-cluster.ts';
import { startPlatform, type TestPlatform } from '../../test/harness/platform/platform.ts';
import { copyStores } from '../../test/factories/copy-stores.ts';
import type { VerificationPass, verifyStores } from './verify-stores.ts';

/** A cluster with real nodes, whose stores fail their hourly verification in the way that the test chooses. */
class FlakyCluster extends FakeCluster {
  override readonly nodes = 'real';
  readonly verified: string[] = [];
  /** Ids of stores whose Secret the cluster refuses to return. */
  readonly refused = new Set<string>();
  /** False: the ingress of all stores does not answer. */
  isReachable = true;

  override readonly verifyCheckout: ClusterActivities['verifyCheckout'] = async ({ store }) => {
    this.verified.push(store.storeId);
    if (!this.isReachable) return { outcome: 'failed', step: 'open-cart', reason: 'unreachable', message: 'no answer' };
    if (this.refused.has(store.storeId)) throw new StoreError('CLUSTER_UNAVAILABLE', 'the Secret cannot be read');
    return { outcome: 'passed', steps: [] };
  };
}

let cluster: FlakyCluster;
let platform: TestPlatform;
let opened: OpenDatabase;
let records: Pool;
let ids: readonly string[];

beforeAll(async () => {
  cluster = new FlakyCluster();
  platform = await startPlatform({ cluster });
  opened = openDb({ databaseUrl: platform.databaseUrl, poolSize: 2, applicationName: 'test', log: console });
  records = new Pool({ connectionString: platform.databaseUrl, max: 1 });
  const created = await Promise.all([1, 2, 3].map(() => platform.create()));
  for (const { storeId } of created) await platform.settled(storeId, 'ready');
  ids = created.map(({ storeId }) => storeId).toSorted();
});
afterAll(async () => {
  await records.end();
  await opened.close();
  await platform.stop();
});

test('a store whose verification ends with an error does not stop the verification of the others', async () => {
  const [first, ...others] = ids;
  cluster.refused.add(first!);
  const before = await lastVerified();
  const result = await pass();
  cluster.refused.clear();
  expect(result).toEqual({ cluster: DEFAULT_CLUSTER, after: null, checked: 2, degraded: 0, unverified: 1 });
  const after = await lastVerified();
  expect(after.get(first!)).toBe(before.get(first!));
  for (const id of others) expect(after.get(id)).not.toBe(before.get(id));
});

function pass(): Promise<VerificationPass> {
  return platform.client.workflow.execute<typeof verifyStores>('verifyStores', {
    workflowId: `verify-${randomUUID()}`,
    taskQueue: taskQueuesOf(platform.installation).control,
    args: [{ cluster: DEFAULT_CLUSTER }],
  });
}

/** Returns when each store was verified last. */
async function lastVerified(): Promise<ReadonlyMap<string, string | null>> {
  return new Map(await Promise.all(ids.map(async (id) => [id, (await platform.get(id)).lastVerifiedAt] as const)));
}

test('a pass continues after the last store that the pass before it reached, however that pass ended', async () => {
  const [first, ...others] = ids;
  const positions = createPassPositions(opened.db);
  await positions.savePosition({ pass: 'verify-stores', cluster: DEFAULT_CLUSTER, after: first!, now: new Date() });
  cluster.verified.length = 0;
  expect(await pass()).toMatchObject({ after: null, checked: others.length });
  expect(cluster.verified.toSorted()).toEqual(others);
  cluster.verified.length = 0;
  expect(await pass()).toMatchObject({ after: null, checked: ids.length });
});

test('a pass stops when most stores fail with the same cause, and the next pass continues after them', async () => {
  await copyStores(records, { storeId: ids[0]!, count: 40 });
  cluster.isReachable = false;
  const stopped = await pass();
  expect(stopped.stoppedBy).toBe('open-cart: unreachable');
  expect(stopped.checked).toBeLessThan(30);
  cluster.isReachable = true;
  const next = await pass();
  expect(next).toMatchObject({ after: null, degraded: 0 });
  expect(next.checked).toBe(ids.length + 40 - stopped.checked);
}, 120_000);
