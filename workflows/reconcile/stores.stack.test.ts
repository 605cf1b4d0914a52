import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import type { Activities } from '../../activities/index.ts';
import { clusterQueuesOf, taskQueuesOf } from '../../domain/names.ts';
import { testStack } from '../../test/harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../../test/harness/stack/temporal-namespace.ts';
import type { reconcileStores } from '../index.ts';

/** More pages than one run of the pass reads. */
const PAGES = 50;

const TASK_QUEUE = taskQueuesOf('test').control;

type RestartInput = Parameters<Activities['restartLost']>[0];

let temporal: TestNamespace;
let worker: Worker;
let running: Promise<unknown>;
let restarts: RestartInput[];
/** Clusters with a delete that has no run, and the clusters whose deletes could start, by call. */
let held: readonly string[];
let allowed: (readonly string[])[];
/** Workers of one cluster. No worker serves the others. */
let workerOfCluster: Worker;

/** Returns the page that follows `after`: the pages are numbered. */
function nextPage(after: string | null, pages: number): string | null {
  const page = Number(after ?? '0') + 1;
  return page < pages ? String(page) : null;
}

beforeAll(async () => {
  temporal = await createTemporalNamespace();
  const activities: Pick<Activities, 'startUnstarted' | 'restartLost'> = {
    startUnstarted: async ({ after, deletesIn }) => {
      allowed.push(deletesIn);
      const heldDeletesIn = held.filter((cluster) => !deletesIn.includes(cluster));
      return { started: 1, next: nextPage(after, 3), heldDeletesIn };
    },
    restartLost: async (input) => {
      restarts.push(input);
      return { started: 1, next: nextPage(input.after, PAGES), heldDeletesIn: [] };
    },
  };
  const connection = await NativeConnection.connect({ address: testStack().TEMPORAL_ADDRESS });
  worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath: testStack().WORKFLOW_BUNDLE },
    activities,
  });
  const ofCluster: Pick<Activities, 'checkRemovals'> = { checkRemovals: async () => ({ arePaused: false }) };
  workerOfCluster = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: clusterQueuesOf('test', 'one').watch,
    activities: ofCluster,
  });
  running = Promise.all([worker.run(), workerOfCluster.run()]);
});
afterAll(async () => {
  worker.shutdown();
  workerOfCluster.shutdown();
  await running;
  await temporal.close();
});
beforeEach(() => {
  restarts = [];
  held = [];
  allowed = [];
});

function pass(...args: Parameters<typeof reconcileStores>) {
  const workflowId = `pass-${randomUUID()}`;
  const started = temporal.client.workflow.execute<typeof reconcileStores>('reconcileStores', {
    workflowId,
    taskQueue: TASK_QUEUE,
    args,
  });
  return { workflowId, result: started };
}

test('a pass reads every page once, over several runs with bounded histories', async () => {
  const { workflowId, result } = pass();
  expect(await result).toMatchObject({ started: 3, restarted: PAGES, after: null });
  expect(restarts.map(({ after }) => Number(after ?? '0'))).toEqual(Array.from({ length: PAGES }, (_, page) => page));
  expect(new Set(restarts.map(({ scope }) => scope))).toEqual(new Set(['active']));
  const { historyLength } = await temporal.client.workflow.getHandle(workflowId).describe();
  expect(historyLength).toBeLessThan(1_000);
});

test('an hourly pass looks up the operations that wait', async () => {
  await pass({ scope: 'waiting' }).result;
  expect(new Set(restarts.map(({ scope }) => scope))).toEqual(new Set(['waiting']));
});

test('while a cluster does not answer, only its own deletes are held, and the pass asks it once', async () => {
  held = ['one', 'two'];
  const began = Date.now();
  // The other operations of each page start once more with the deletes that are allowed.
  expect(await pass().result).toMatchObject({ started: 6, restarted: PAGES });
  expect(allowed).toEqual([[], ['one'], [], ['one'], [], ['one']]);
  expect(Date.now() - began).toBeLessThan(60_000);
});
