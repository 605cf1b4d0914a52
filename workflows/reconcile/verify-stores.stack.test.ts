import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StoreError } from '../../domain/failure.ts';
import { taskQueuesOf } from '../../domain/names.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import { FakeCluster } from '../../test/fakes/fake-cluster.ts';
import { startPlatform, type TestPlatform } from '../../test/harness/platform/platform.ts';
import { eventually } from '../../test/harness/stack/stack.ts';
import type { VerificationPass } from './verify-stores.ts';

/** A cluster with real nodes, whose stores fail their hourly verification in the way that the test chooses. */
class FlakyCluster extends FakeCluster {
  override readonly nodes = 'real';
  readonly verified: string[] = [];
  /** Ids of stores whose Secret the cluster refuses to return. */
  readonly refused = new Set<string>();

  override readonly verifyCheckout: ClusterActivities['verifyCheckout'] = async ({ store }) => {
    this.verified.push(store.storeId);
    if (this.refused.has(store.storeId)) throw new StoreError('CLUSTER_UNAVAILABLE', 'the Secret cannot be read');
    return { outcome: 'passed', steps: [] };
  };
}

let cluster: FlakyCluster;
let platform: TestPlatform;
let ids: readonly string[];

beforeAll(async () => {
  cluster = new FlakyCluster();
  platform = await startPlatform({ cluster });
  const created = await Promise.all([1, 2, 3].map(() => platform.create()));
  for (const { storeId } of created) await platform.settled(storeId, 'ready');
  ids = created.map(({ storeId }) => storeId).toSorted();
});
afterAll(() => platform.stop());

test('a store whose verification ends with an error does not stop the verification of the others', async () => {
  const [first, ...others] = ids;
  cluster.refused.add(first!);
  const before = await lastVerified();
  const pass: VerificationPass = await platform.client.workflow.execute('verifyStores', {
    workflowId: `verify-${randomUUID()}`,
    taskQueue: taskQueuesOf(platform.installation).control,
    args: [],
  });
  cluster.refused.clear();
  expect(pass).toEqual({ after: null, checked: 2, degraded: 0, unverified: 1 });
  const after = await lastVerified();
  expect(after.get(first!)).toBe(before.get(first!));
  for (const id of others) expect(after.get(id)).not.toBe(before.get(id));
});

/** Returns when each store was verified last. */
async function lastVerified(): Promise<ReadonlyMap<string, string | null>> {
  return new Map(await Promise.all(ids.map(async (id) => [id, (await platform.get(id)).lastVerifiedAt] as const)));
}

test('a scheduled pass continues after the last store that the pass before it reached', async () => {
  const action = {
    type: 'startWorkflow',
    workflowType: 'verifyStores',
    taskQueue: taskQueuesOf(platform.installation).control,
  } as const;
  const [first, ...others] = ids;
  const late: VerificationPass = {
    after: first!,
    checked: 1,
    degraded: 0,
    limits: { concurrency: 4, endsAtMs: 0 },
  };
  cluster.verified.length = 0;
  // A run of a manual trigger does not get the last result.
  const schedule = await platform.client.schedule.create({
    scheduleId: `verify-${randomUUID()}`,
    spec: { intervals: [{ every: '2s' }] },
    action: { ...action, args: [late] },
  });
  try {
    /** Returns the results of the passes that reached the last store, oldest first. */
    const completed = async (): Promise<readonly VerificationPass[]> => {
      const { info } = await schedule.describe();
      const results = info.recentActions.map(async ({ action: { workflow } }) => {
        const result: VerificationPass = await platform.client.workflow.getHandle(workflow.workflowId).result();
        return result;
      });
      return (await Promise.all(results)).filter(({ after }) => after === null);
    };
    await eventually(async () => (await schedule.describe()).info.recentActions.length > 0);
    await schedule.update((previous) => ({ ...previous, action: { ...action, args: [] } }));
    await eventually(async () => (await completed()).length >= 2);
    expect((await completed()).slice(0, 2)).toMatchObject([{ checked: others.length }, { checked: ids.length }]);
    expect(cluster.verified.slice(0, others.length).toSorted()).toEqual(others);
  } finally {
    await schedule.delete();
  }
});
