import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, uniqueName } from '../test/harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../test/harness/stack/temporal-namespace.ts';
import { createScheduleControl } from './schedule-control.ts';
import { ensureReconcileSchedules } from './schedules.ts';

const RECONCILE = { name: 'reconcile-cluster', cluster: 'default' } as const;
const VERIFY = { name: 'verify-stores', cluster: 'default' } as const;

let temporal: TestNamespace;
beforeAll(async () => {
  temporal = await createTemporalNamespace();
});
afterAll(() => temporal.close());

test('a pause of a schedule stays when a worker starts and creates or updates the schedules', async () => {
  const installation = uniqueName();
  const schedules = createScheduleControl(temporal.client, installation);
  expect(await schedules.list(['default'])).toEqual([]);
  expect(await schedules.pause(RECONCILE, 'note')).toBeUndefined();

  await ensureReconcileSchedules(temporal.client, { installation, cluster: 'default', inspectEverySeconds: 300 });
  expect((await schedules.list(['default'])).map(({ name, isPaused }) => [name, isPaused])).toEqual([
    ['reconcile-stores', false],
    ['reconcile-waiting-stores', false],
    ['reconcile-cluster', false],
    ['verify-stores', false],
  ]);
  const paused = await schedules.pause(RECONCILE, 'Paused by user:1');
  expect(paused).toMatchObject({ isPaused: true, note: 'Paused by user:1', nextRunAt: null, intervalSeconds: 300 });

  await ensureReconcileSchedules(temporal.client, { installation, cluster: 'default', inspectEverySeconds: 600 });
  const after = (await schedules.list(['default'])).find(({ name }) => name === 'reconcile-cluster');
  expect(after).toMatchObject({ isPaused: true, note: 'Paused by user:1', intervalSeconds: 600 });
  expect(await schedules.resume(RECONCILE, 'Resumed by user:1')).toMatchObject({
    isPaused: false,
    nextRunAt: expect.any(Date),
  });
});

test('a trigger starts a run of a paused schedule', async () => {
  const installation = uniqueName();
  const schedules = createScheduleControl(temporal.client, installation);
  await ensureReconcileSchedules(temporal.client, { installation, cluster: 'default', inspectEverySeconds: 300 });
  await schedules.pause(VERIFY, 'note');
  expect(await schedules.trigger(VERIFY)).toMatchObject({ isPaused: true });
  // No worker runs, so the run stays open.
  await eventually(async () =>
    (await schedules.list(['default'])).some(({ name, isRunning }) => name === 'verify-stores' && isRunning),
  );
});

test('each cluster has its own schedules, and a pause of one does not pause the other', async () => {
  const installation = uniqueName();
  const schedules = createScheduleControl(temporal.client, installation);
  for (const cluster of ['one', 'two']) {
    await ensureReconcileSchedules(temporal.client, { installation, cluster, inspectEverySeconds: 300 });
  }
  await schedules.pause({ name: 'reconcile-cluster', cluster: 'one' }, 'note');
  const states = await schedules.list(['one', 'two', 'three']);
  expect(states.map(({ name, cluster, isPaused }) => [name, cluster, isPaused])).toEqual([
    ['reconcile-stores', null, false],
    ['reconcile-waiting-stores', null, false],
    ['reconcile-cluster', 'one', true],
    ['verify-stores', 'one', false],
    ['reconcile-cluster', 'two', false],
    ['verify-stores', 'two', false],
  ]);
});
