import { expect, test } from '@jest/globals';
import { FakeCluster } from '../../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../../test/fakes/interrupted-cluster.ts';
import { startPlatform } from '../../test/harness/platform/platform.ts';

test('a hold without a decision is aborted and undone when it expires', async () => {
  const world = new FakeCluster();
  const cluster = new InterruptedCluster(world).failNext('awaitReady', { moment: 'before' });
  const platform = await startPlatform({ cluster, holdSeconds: 1 });
  try {
    const { storeId: id } = await platform.create({ onFailure: 'hold' });
    const store = await platform.settled(id, 'failed');
    expect(store).toMatchObject({ failure: { code: 'CHART_INVALID', step: 'await-ready' }, operation: null });
    expect(world.leftovers(store.namespace)).toEqual([]);
    expect((await platform.events(id)).find(({ type }) => type === 'operation.aborted')).toMatchObject({
      data: { decision: 'expired' },
      message: 'The hold expired. The provision was aborted',
    });
  } finally {
    await platform.stop();
  }
});
