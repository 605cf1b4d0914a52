import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../test/fakes/interrupted-cluster.ts';
import { startPlatform, type TestPlatform } from '../test/harness/platform/platform.ts';
import { eventually } from '../test/harness/stack/stack.ts';
import { createRunProgressReader } from './run-progress.ts';
import type { RunProgress, RunProgressReader } from '../domain/ports/run-progress.ts';

let platform: TestPlatform;
let cluster: InterruptedCluster;
let progress: RunProgressReader;
beforeAll(async () => {
  cluster = new InterruptedCluster(new FakeCluster());
  platform = await startPlatform({ cluster, worker: false });
  progress = createRunProgressReader(platform.client, platform.installation);
});
afterAll(() => platform.stop());

/** True if the run has no workflow task left. The end of the activity that wrote a status starts one more, so this is not true at once. */
async function waitsOnlyFor(storeId: string, waitsFor: RunProgress['waitsFor']): Promise<boolean> {
  const run = await progress.progressOf(storeId);
  return run?.waitsFor === waitsFor && run.workflowTaskAttempts === 0;
}

test('a run reports its newest event, and whether it waits for a worker, an activity or nothing', async () => {
  const { storeId: id } = await platform.create({ onFailure: 'hold' });
  const unstarted = await progress.progressOf(id);
  expect(unstarted).toMatchObject({ waitsFor: 'workflowTask', workflowTaskAttempts: 1, missingVersion: null });
  expect(Math.abs(Date.now() - (unstarted?.lastEventAt.getTime() ?? 0))).toBeLessThan(60_000);

  cluster.hold('ensureRelease');
  await platform.startWorkers();
  await eventually(() => cluster.isWaitingIn('ensureRelease'));
  await eventually(async () => waitsOnlyFor(id, 'activity'));

  cluster.failNext('awaitReady', { moment: 'before', code: 'CHART_INVALID' });
  cluster.release('ensureRelease');
  await eventually(async () => (await platform.get(id)).status === 'held');
  await eventually(async () => waitsOnlyFor(id, 'other'));

  await platform.request('POST', `/api/stores/${id}/continue`);
  await platform.settled(id, 'ready');
  await eventually(async () => (await progress.progressOf(id)) === null);
});

test('a store without a run has no progress', async () => {
  expect(await progress.progressOf('00000000-0000-0000-0000-000000000000')).toBeNull();
});
