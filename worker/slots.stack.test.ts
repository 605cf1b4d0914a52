import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import type { ActivitiesByQueue } from '../activities/index.ts';
import { clusterQueuesOf } from '../domain/names.ts';
import { createLogger } from '../telemetry/logger.ts';
import { testStack, uniqueName } from '../test/harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../test/harness/stack/temporal-namespace.ts';
import { createWorkers } from './create-workers.ts';
import { installRuntime } from './runtime.ts';

const WORKERS = 3;
const SLOTS = 2;
const TASK_MS = 200;
const TASKS = 30;
const MOST_TASKS = 25;
/** Tasks per second. */
const RATE = 5;
/** Tasks that may start at once after a pause: up to two seconds' worth. */
const BURST = 2 * RATE;
/** `TASK_QUEUE_TYPE_ACTIVITY` of Temporal's API. */
const ACTIVITY_QUEUE = 2;

let temporal: TestNamespace;
/** One connection per worker, because the SDK treats a client as one process. */
let connections: readonly NativeConnection[];
beforeAll(async () => {
  installRuntime(createLogger({ service: 'worker', level: 'silent' }));
  temporal = await createTemporalNamespace();
  const address = testStack().TEMPORAL_ADDRESS;
  connections = await Promise.all(Array.from({ length: WORKERS }, () => NativeConnection.connect({ address })));
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await temporal.close();
});

/** Counts the tasks of one worker that run at the same time, and keeps the times at which they start. */
function countedTask() {
  let running = 0;
  let most = 0;
  const startsMs: number[] = [];
  async function task(): Promise<void> {
    startsMs.push(Date.now());
    running += 1;
    most = Math.max(most, running);
    const untilMs = Date.now() + TASK_MS;
    while (Date.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
  }
  return { task, most: () => most, running: () => running, startsMs };
}

/** The limits do not depend on the activities, so each queue has only this one. */
function activitiesOf(task: (() => Promise<void>) | undefined): ActivitiesByQueue {
  return { control: { task }, helm: { task }, watch: { task } } as unknown as ActivitiesByQueue;
}

/** Starts workers of a new installation whose queue `helm` has one activity, `task`. */
async function startWorkers(tasksPerSecond: number) {
  const installation = uniqueName('slots');
  const counted = connections.map(() => countedTask());
  let mostTogether = 0;
  const tasks = counted.map(({ task }) => async () => {
    const ended = task();
    mostTogether = Math.max(
      mostTogether,
      counted.map(({ running }) => running()).reduce((a, b) => a + b),
    );
    await ended;
  });
  const created = await Promise.all(
    connections.map((connection, position) =>
      createWorkers({
        connection,
        namespace: temporal.namespace,
        installation,
        cluster: 'default',
        workflowBundle: { codePath: testStack().WORKFLOW_BUNDLE },
        activities: activitiesOf(tasks[position]),
        databaseConnections: 10,
        clusterSlots: SLOTS,
        watchSlots: 1,
        clusterTasksPerSecond: tasksPerSecond,
        shutdownGraceMs: 1_000,
      }),
    ),
  );
  const workers = created.flat();
  const runs = workers.map((worker) => worker.run());
  const taskQueue = clusterQueuesOf(installation, 'default').helm;
  return {
    taskQueue,
    mostTogether: () => mostTogether,
    mostOfOne: () => Math.max(...counted.map(({ most }) => most())),
    usedWorkers: () => counted.filter(({ startsMs }) => startsMs.length > 0).length,
    /** Runs the tasks until all have ended. Returns the seconds in which most of them started. */
    run: async (): Promise<number> => {
      for (const { startsMs } of counted) startsMs.length = 0;
      const names = Array.from({ length: TASKS }, () => uniqueName('task'));
      // A busy server can lose a task on its way to a worker. The next attempt then starts after this time.
      const options = { taskQueue, startToCloseTimeout: '15s', args: [] as [] } as const;
      await Promise.all(names.map((id) => temporal.client.activity.execute('task', { ...options, id })));
      const starts = counted.flatMap(({ startsMs }) => startsMs).toSorted((a, b) => a - b);
      return ((starts[MOST_TASKS - 1] ?? Infinity) - (starts[0] ?? 0)) / 1_000;
    },
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(runs);
    },
  };
}

/** Sets the rate limit of a task queue, as `temporal task-queue config set` does. Null: back to the rate of the workers. */
async function setRate(taskQueue: string, requestsPerSecond: number | null): Promise<void> {
  await temporal.client.workflowService.updateTaskQueueConfig({
    namespace: temporal.namespace,
    taskQueue,
    taskQueueType: ACTIVITY_QUEUE,
    identity: 'operator',
    updateQueueRateLimit: {
      rateLimit: requestsPerSecond === null ? null : { requestsPerSecond },
      reason: 'test',
    },
  });
}

test('three workers together use all of their slots, and run no more activities at the same time', async () => {
  const workers = await startWorkers(1_000);
  try {
    await workers.run();
    expect(workers.mostTogether()).toBe(WORKERS * SLOTS);
    expect(workers.mostOfOne()).toBe(SLOTS);
  } finally {
    await workers.stop();
  }
});

test('the rate holds over all workers, and an operator changes it while they run', async () => {
  const workers = await startWorkers(RATE);
  // The slots alone would allow 30 tasks a second.
  const atLeastSeconds = (MOST_TASKS - BURST) / RATE - 0.2;
  try {
    expect(await workers.run()).toBeGreaterThan(atLeastSeconds);
    expect(workers.usedWorkers()).toBe(WORKERS);
    await setRate(workers.taskQueue, RATE / 2);
    expect(await workers.run()).toBeGreaterThan(2 * atLeastSeconds);
    await setRate(workers.taskQueue, null);
    const seconds = await workers.run();
    expect(seconds).toBeGreaterThan(atLeastSeconds);
    expect(seconds).toBeLessThan((MOST_TASKS - BURST / 2) / (RATE / 2));
  } finally {
    await workers.stop();
  }
});
