import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../test/fakes/interrupted-cluster.ts';
import { startPlatform, type TestPlatform } from '../test/harness/platform/platform.ts';
import { eventually } from '../test/harness/stack/stack.ts';
import { createRunProgressReader } from './run-progress.ts';
import type { RunProgressReader } from '../domain/ports/run-progress.ts';

let platform: TestPlatform;
let cluster: InterruptedCluster;
let progress: RunProgressReader;
beforeAll(async () => {
  cluster = new InterruptedCluster(new FakeCluster());
  platform = await startPlatform({ cluster, worker: false });
  progress = createRunProgressReader(platform.client, platform.installation);
});
afterAll(() => platform.stop());

test('a run reports its newest event, and whether it waits for a worker, an activity or nothing', async () => {
  const { storeId: id } = await platform.create({ onFailure: 'hold' });
  const unstarted = await progress.progressOf(id);
  expect(unstarted).toMatchObject({ waitsFor: 'workflowTask', workflowTaskAttempts: 1, missingVersion: null });
  expect(Math.abs(Date.now() - (unstarted?.lastEventAt.getTime() ?? 0))).toBeLessThan(60_000);

  cluster.hold('ensureRelease');
  await platform.startWorkers();
  await eventually(() => cluster.isWaitingIn('ensureRelease'));
  expect(await progress.progressOf(id)).toMatchObject({ waitsFor: 'activity', workflowTaskAttempts: 0 });

  cluster.failNext('awaitReady', { moment: 'before', code: 'CHART_INVALID' });
  cluster.release('ensureRelease');
  await eventually(async () => (await platform.get(id)).status === 'held');
  expect(await progress.progressOf(id)).toMatchObject({ waitsFor: 'other', workflowTaskAttempts: 0 });

  await platform.request('POST', `/api/stores/${id}/continue`);
  await platform.settled(id, 'ready');
  await eventually(async () => (await progress.progressOf(id)) === null);
});

test('a store without a run has no progress', async () => {
  expect(await progress.progressOf('00000000-0000-0000-0000-000000000000')).toBeNull();
});
