import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createLogger } from '../telemetry/logger.ts';
import { openPermits } from '../db/connection/permits.ts';
import { createDatabase, testStack, type TestDatabase } from '../test/harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../test/harness/stack/temporal-namespace.ts';
import { boundsOf } from './create-workers.ts';
import { installRuntime } from './runtime.ts';

const TASK_QUEUE = 'helm';
const TASKS = 12;
/** Permits of both workers together. Each worker has four slots of its own. */
const CAP = 3;

let database: TestDatabase;
let temporal: TestNamespace;
/** One connection per worker, because the SDK treats a client as one process. */
let connections: readonly NativeConnection[];
beforeAll(async () => {
  installRuntime(createLogger({ service: 'worker', level: 'silent' }));
  database = await createDatabase();
  temporal = await createTemporalNamespace();
  const address = testStack().TEMPORAL_ADDRESS;
  connections = await Promise.all([1, 2].map(() => NativeConnection.connect({ address })));
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await temporal.close();
  await database.drop();
});

/** Returns a task of 300 ms, and a function that returns the largest number of tasks that ran concurrently. */
function countedTask() {
  let running = 0;
  let most = 0;
  async function task(): Promise<void> {
    running += 1;
    most = Math.max(most, running);
    const until = Date.now() + 300;
    while (Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
  }
  return { task, most: () => most };
}

test('two workers together run as many concurrent tasks as there are permits, and never more', async () => {
  const { task, most } = countedTask();
  const permits = connections.map(() =>
    openPermits({ databaseUrl: database.url, count: CAP, log: { warn: () => undefined } }),
  );
  const workers = await Promise.all(
    connections.map((connection, position) =>
      Worker.create({
        connection,
        namespace: temporal.namespace,
        taskQueue: TASK_QUEUE,
        activities: { task },
        ...boundsOf({ clusterSlots: 4, clusterPermits: permits[position] }),
      }),
    ),
  );
  const runs = workers.map((worker) => worker.run());
  const { activity } = temporal.client;
  const names = Array.from({ length: TASKS }, (_, position) => `task-${position}`);
  const options = { taskQueue: TASK_QUEUE, startToCloseTimeout: '1m', args: [] as [] } as const;
  await Promise.all(names.map((id) => activity.execute('task', { ...options, id })));
  for (const worker of workers) worker.shutdown();
  await Promise.all(runs);
  await Promise.all(permits.map((shared) => shared.close()));
  expect(most()).toBe(CAP);
});
