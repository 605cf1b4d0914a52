import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { workflowIdOf } from '../../domain/names.ts';
import { FakeCluster } from '../../test/fakes/fake-cluster.ts';
import { InterruptedCluster } from '../../test/fakes/interrupted-cluster.ts';
import { clusterInput } from '../../test/harness/platform/cluster-activities.ts';
import { startPlatform, type TestPlatform } from '../../test/harness/platform/platform.ts';
import { eventually } from '../../test/harness/stack/stack.ts';

const STEPS = ['ensureNamespace', 'ensureSecrets', 'ensureRelease', 'awaitReady', 'verifyStore'];

let cluster: InterruptedCluster;
let platform: TestPlatform;
let database: Pool;
beforeAll(async () => {
  cluster = new InterruptedCluster(new FakeCluster());
  platform = await startPlatform({ cluster });
  database = new Pool({ connectionString: platform.databaseUrl, max: 1 });
});
afterAll(async () => {
  await database.end();
  await platform.stop();
});

async function scheduledActivities(storeId: string): Promise<readonly string[]> {
  const { events } = await platform.client.workflow.getHandle(workflowIdOf(storeId)).fetchHistory();
  return (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
  );
}

test('a run schedules activities only for its steps and its mark, and writes the record in local activities', async () => {
  const { storeId: id } = await platform.create();
  await platform.settled(id, 'ready');
  expect(await scheduledActivities(id)).toEqual([...STEPS, 'markReady']);
  expect((await platform.events(id)).at(-1)?.type).toBe('store.ready');
});

test('a record write that gets no answer is retried by a regular activity and happens once', async () => {
  cluster.hold('ensureSecrets');
  const { storeId: id } = await platform.create();
  await eventually(() => cluster.isWaitingIn('ensureSecrets'));
  await database.query('begin');
  await database.query('lock table store_events in access exclusive mode');
  cluster.release('ensureSecrets');
  await eventually(async () => (await scheduledActivities(id)).includes('recordProgress'));
  await database.query('rollback');
  await platform.settled(id, 'ready');
  const events = await platform.events(id);
  expect(events.filter(({ type, step }) => type === 'step.started' && step === 'install-release')).toHaveLength(1);
});

test('a non-retryable record write is not retried', async () => {
  const { store } = clusterInput();
  await platform.operations.start('provision', { store, correlationId: 'no-such-record' });
  const run = platform.client.workflow.getHandle(workflowIdOf(store.storeId));
  await expect(run.result()).rejects.toMatchObject({ cause: { type: 'STORE_NOT_FOUND' } });
  expect(await scheduledActivities(store.storeId)).toEqual([]);
});
