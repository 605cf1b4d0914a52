import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationDetail } from '../api/contract/operation-detail.ts';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../test/fakes/interrupted-cluster.ts';
import { startPlatform, type TestPlatform } from '../test/harness/platform/platform.ts';
import { eventually } from '../test/harness/stack/stack.ts';

let platform: TestPlatform;
let cluster: InterruptedCluster;
beforeAll(async () => {
  cluster = new InterruptedCluster(new FakeCluster());
  platform = await startPlatform({ cluster });
});
afterAll(() => platform.stop());

test('a running operation shows the attempt of its step and why the last attempt failed', async () => {
  cluster.failNext('ensureRelease', { moment: 'before', code: 'CLUSTER_UNAVAILABLE' }).hold('ensureRelease');
  const { storeId: id, operation } = await platform.create();
  await eventually(() => cluster.isWaitingIn('ensureRelease'));
  const read = async () => {
    const response = await platform.request('GET', `/api/operations/${operation?.operationId}`);
    return (await response.json()) as OperationDetail;
  };
  expect((await read()).retry).toEqual({
    attempt: 2,
    code: 'CLUSTER_UNAVAILABLE',
    message: expect.any(String),
    nextAttemptAt: null,
  });
  cluster.release('ensureRelease');
  await platform.settled(id, 'ready');
  expect((await read()).retry).toBeNull();
});
