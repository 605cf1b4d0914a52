import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { DEFAULT_CLUSTER, taskQueuesOf, workflowIdOf } from '../../domain/names.ts';
import { eventually } from '../../test/harness/eventually.ts';
import type { BenchPlatform } from '../platform.ts';
import { percentile, timed } from '../statistics.ts';
import { type ApiServer, type ApiServerCounters, type ApiServerWork, workBetween } from './api-server.ts';

const NEW_STORES = 5;
const IDLE_MS = 10_000;
const DELETE_DEADLINE_MS = 120_000;
/** Two thousand copies keep the controllers busy for some minutes. */
const QUIET_DEADLINE_MS = 420_000;

/** Size of the histories of one pass or operation, all its runs together. */
export interface Histories {
  readonly runs: number;
  readonly events: number;
  readonly bytes: number;
}

export interface PassResult {
  readonly seconds: number;
  readonly stores: number;
  readonly work: ApiServerWork;
  readonly histories: Histories;
}

export interface LifeResult {
  /** Milliseconds from the request until the status `ready`, p50 of five stores one after the other. */
  readonly readyMs: number;
  readonly provision: Histories;
  /** Requests to the API server, and bytes of its answers, for one delete. */
  readonly remove: ApiServerWork;
  /** Seconds from the requests until all five stores are deleted. */
  readonly removeSeconds: number;
}

/** Counters at the begin and the end of an interval in which nothing was requested. */
export type Idle = readonly [ApiServerCounters, ApiServerCounters];

export async function measureIdle(api: ApiServer): Promise<Idle> {
  const from = await api.counters();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return [from, await api.counters()];
}

/** Creates five stores one after the other, and then deletes them together. */
export async function measureLife(platform: BenchPlatform, api: ApiServer, idle: Idle): Promise<LifeResult> {
  const ids: string[] = [];
  const times: number[] = [];
  for (let store = 0; store < NEW_STORES; store += 1) {
    times.push(
      await timed(async () => {
        const { storeId } = await platform.create({ engine: 'medusa' });
        ids.push(storeId);
        await platform.waitForStatus(storeId, 'ready');
      }),
    );
  }
  const provision = await historiesOf(platform.client, workflowIdOf(ids[0] ?? ''));
  const from = await api.counters();
  const removeMs = await timed(() => platform.remove(ids));
  const total = workBetween([from, await api.counters()], idle);
  const remove = { requests: total.requests / NEW_STORES, bytes: total.bytes / NEW_STORES };
  return { readyMs: percentile(times, 50), provision, remove, removeSeconds: removeMs / 1_000 };
}

/** Runs one pass over all stores, as its schedule does. */
export async function measurePass(
  platform: BenchPlatform,
  api: ApiServer,
  pass: {
    readonly workflow: 'reconcileCluster' | 'verifyStores';
    readonly idle: Idle;
    readonly stores: number;
    readonly report: (message: string) => void;
  },
): Promise<PassResult> {
  const { client, installation } = platform;
  const workflowId = `bench-${randomUUID()}`;
  const from = await api.counters();
  let result: unknown;
  const ms = await timed(async () => {
    const taskQueue = taskQueuesOf(installation).control;
    result = await client.workflow.execute(pass.workflow, {
      workflowId,
      taskQueue,
      args: [{ cluster: DEFAULT_CLUSTER }],
    });
  });
  const work = workBetween([from, await api.counters()], pass.idle);
  const { inspected, checked, degraded = 0, drifted = 0 } = result as Readonly<Record<string, number | undefined>>;
  const reached = inspected ?? checked ?? 0;
  if (reached < pass.stores || degraded > 0 || drifted > 0) {
    pass.report(`${pass.workflow} did not find ${pass.stores} healthy stores: ${JSON.stringify(result)}`);
  }
  return { seconds: ms / 1_000, stores: reached, work, histories: await historiesOf(client, workflowId) };
}

async function historiesOf(client: Client, workflowId: string): Promise<Histories> {
  // The list of runs is updated a moment after a run closes.
  return eventually(
    async () => {
      let [runs, events, bytes] = [0, 0, 0];
      for await (const run of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
        if (run.status.name === 'RUNNING') return undefined;
        runs += 1;
        events += run.historyLength;
        bytes += run.historySize ?? 0;
      }
      return runs === 0 ? undefined : { runs, events, bytes };
    },
    { deadlineMs: DELETE_DEADLINE_MS },
  );
}

/** Waits until the controllers have read the copies: the API server has few writes again. At most `deadlineMs`. */
export async function untilQuiet(
  api: ApiServer,
  { writesPerSecond = 10, deadlineMs = QUIET_DEADLINE_MS } = {},
): Promise<boolean> {
  const begun = performance.now();
  let [last, quiet] = [await api.counters(), 0];
  while (performance.now() - begun < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const now = await api.counters();
    const rate = ((writesOf(now) - writesOf(last)) * 1_000) / (now.atMs - last.atMs);
    last = now;
    quiet = rate < writesPerSecond ? quiet + 1 : 0;
    if (quiet >= 2) return true;
  }
  return false;
}

function writesOf({ requests }: ApiServerCounters): number {
  return ['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION'].reduce(
    (sum, verb) => sum + (requests.get(verb) ?? 0),
    0,
  );
}
