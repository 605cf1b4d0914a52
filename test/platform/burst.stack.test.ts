import type { Store } from '../../api/contract/store.ts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { workflowIdOf } from '../../domain/names.ts';
import { FakeCluster } from '../fakes/fake-cluster.ts';
import { readJson } from '../harness/platform/fake-api.ts';
import { eventually } from '../harness/eventually.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';

const STORES = 40;
/** A burst of stores for a pool of this size, which the API of this process uses too. */
const POOL_SIZE = 8;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ cluster: new FakeCluster(), poolSize: POOL_SIZE });
});
afterAll(() => platform.stop());

test(`${STORES} creates in a burst with ${POOL_SIZE} connections: all stores become ready, and no record write fails`, async () => {
  const created: Store[] = [];
  while (created.length < STORES)
    created.push(...(await Promise.all(Array.from({ length: POOL_SIZE }, () => platform.create()))));
  // One request for all stores, so that the polls do not use the connections.
  await eventually(
    async () => {
      const response = await platform.request('GET', '/api/stores?status=ready&limit=1&count=true');
      const { pagination } = await readJson<{ pagination: { total: number } }>(response);
      if (pagination.total < STORES) throw new Error(`${pagination.total} stores are ready`);
      return true;
    },
    { deadlineMs: 90_000, intervalMs: 500 },
  );
  const histories = await Promise.all(
    created.map(({ storeId }) => platform.client.workflow.getHandle(workflowIdOf(storeId)).fetchHistory()),
  );
  // A write runs as a local activity first. Only when that fails, the run schedules it as an activity.
  const repeated = histories.flatMap(({ events }) =>
    (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
      const name = scheduled?.activityType?.name ?? '';
      return ['beginOperation', 'recordProgress', 'endOperation'].includes(name) ? [name] : [];
    }),
  );
  expect(repeated).toEqual([]);
});
