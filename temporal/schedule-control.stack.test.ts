import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, uniqueName } from '../test/harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../test/harness/stack/temporal-namespace.ts';
import { createScheduleControl } from './schedule-control.ts';
import { ensureReconcileSchedules } from './schedules.ts';

let temporal: TestNamespace;
beforeAll(async () => {
  temporal = await createTemporalNamespace();
});
afterAll(() => temporal.close());

test('a pause of a schedule stays when a worker starts and creates or updates the schedules', async () => {
  const installation = uniqueName();
  const schedules = createScheduleControl(temporal.client, installation);
  expect(await schedules.list()).toEqual([]);
  expect(await schedules.pause('reconcile-cluster', 'note')).toBeUndefined();

  await ensureReconcileSchedules(temporal.client, { installation, inspectEverySeconds: 300 });
  expect((await schedules.list()).map(({ name, isPaused }) => [name, isPaused])).toEqual([
    ['reconcile-stores', false],
    ['reconcile-waiting-stores', false],
    ['reconcile-cluster', false],
    ['verify-stores', false],
  ]);
  const paused = await schedules.pause('reconcile-cluster', 'Paused by user:1');
  expect(paused).toMatchObject({ isPaused: true, note: 'Paused by user:1', nextRunAt: null, intervalSeconds: 300 });

  await ensureReconcileSchedules(temporal.client, { installation, inspectEverySeconds: 600 });
  const after = (await schedules.list()).find(({ name }) => name === 'reconcile-cluster');
  expect(after).toMatchObject({ isPaused: true, note: 'Paused by user:1', intervalSeconds: 600 });
  expect(await schedules.resume('reconcile-cluster', 'Resumed by user:1')).toMatchObject({
    isPaused: false,
    nextRunAt: expect.any(Date),
  });
});

test('a trigger starts a run of a paused schedule', async () => {
  const installation = uniqueName();
  const schedules = createScheduleControl(temporal.client, installation);
  await ensureReconcileSchedules(temporal.client, { installation, inspectEverySeconds: 300 });
  await schedules.pause('verify-stores', 'note');
  expect(await schedules.trigger('verify-stores')).toMatchObject({ isPaused: true });
  // No worker runs, so the run stays open.
  await eventually(async () =>
    (await schedules.list()).some(({ name, isRunning }) => name === 'verify-stores' && isRunning),
  );
});
