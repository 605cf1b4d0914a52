import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { workflowIdOf } from '../../domain/names.ts';
import type { Store } from '../../api/contract/store.ts';
import {
  runPromotion,
  startApiProcess,
  startWorkerProcess,
  type PlatformEnv,
  type PlatformProcess,
} from '../harness/platform/processes.ts';
import { startTraffic, type SteadyTraffic } from '../harness/platform/steady-traffic.ts';
import { createDatabase, eventually, testStack, type TestDatabase } from '../harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../harness/stack/temporal-namespace.ts';

/**
 * The procedure of docs/upgrading.md with processes. Both versions have the same code and differ in their build id: there is no earlier
 * release yet. So this shows that the procedure loses nothing, and not that two releases fit together.
 */

const PROCESSES = 3;
const TRAFFIC = { requestsPerSecond: 20 };
/** One for each process that is replaced, and one for each check of the version. */
const CREATED = 2 * 2 * PROCESSES + 3;
const DEPLOYMENT = `stores-${randomUUID()}`;
/** Ten processes at once must leave connections of the test stack for other tests. */
const SMALL_POOL = { DB_POOL_SIZE: '8' };
/** An API process whose host is busy answers some requests with 503, also without an upgrade. More would be the upgrade's fault. */
const MAX_UNAVAILABLE_SHARE = 0.01;
const DEADLINE = { deadlineMs: 300_000 };

type Api = Awaited<ReturnType<typeof startApiProcess>>;

let database: TestDatabase;
let temporal: TestNamespace;
let env: PlatformEnv;
let traffic: SteadyTraffic;
let apis: readonly Api[] = [];
let workers: readonly PlatformProcess[] = [];
const started: PlatformProcess[] = [];

beforeAll(async () => {
  database = await createDatabase();
  temporal = await createTemporalNamespace();
  env = {
    ...testStack(),
    DATABASE_URL: database.url,
    TEMPORAL_NAMESPACE: temporal.namespace,
    MAX_STORES_PER_TENANT: '1000',
    ...SMALL_POOL,
  };
});
afterAll(async () => {
  await traffic?.stop();
  for (const process of started) await process.kill('SIGKILL');
  await temporal?.close();
  await database?.drop();
});

async function startApi(): Promise<Api> {
  const api = await startApiProcess(env);
  started.push(api);
  await eventually(async () => (await fetch(`${api.url}/health/ready`)).ok, DEADLINE);
  return api;
}

/** Starts the workers of a version, and makes it the current one as the Job of the chart does. */
async function deployWorkers(buildId: string): Promise<readonly PlatformProcess[]> {
  const version = { ...env, WORKER_DEPLOYMENT: DEPLOYMENT, WORKER_BUILD_ID: buildId };
  const fleet: PlatformProcess[] = [];
  // One after the other: each start loads the processor.
  for (let index = 0; index < PROCESSES; index += 1) {
    const worker = await startWorkerProcess(version, { SHUTDOWN_GRACE_SECONDS: '5' });
    started.push(worker);
    fleet.push(worker);
  }
  const promotion = await runPromotion(version, []);
  expect(promotion).toMatchObject({ exitCode: 0, output: expect.stringContaining('was made the current one') });
  return fleet;
}

/** Replaces the API processes one by one. The client leaves a process before it stops: the preStop hook of the chart gives a Service the time. */
async function replaceApis(): Promise<void> {
  const replaced: Api[] = [];
  for (const old of apis) {
    const next = await startApi();
    const created = traffic.create();
    traffic.add(next.url);
    await traffic.leave(old.url);
    await old.kill('SIGTERM');
    await created;
    expect(await old.ended()).toBe(0);
    replaced.push(next);
  }
  apis = replaced;
}

/** Starts the workers of `next` beside the old ones, promotes them, waits until the old version has drained, and stops it. */
async function replaceWorkers(previous: string, next: string): Promise<void> {
  const fleet = await deployWorkers(next);
  const pinned = `TemporalWorkerDeploymentVersion='${DEPLOYMENT}:${previous}' AND ExecutionStatus='Running' AND TemporalWorkflowVersioningBehavior='Pinned'`;
  await eventually(async () => (await temporal.client.workflow.count(pinned)).count === 0, DEADLINE);
  for (const old of workers) {
    await traffic.create();
    await old.kill('SIGTERM');
    expect(await old.ended()).toBe(0);
  }
  workers = fleet;
}

async function get(storeId: string): Promise<Store> {
  const response = await fetch(`${apis[0]?.url}/api/stores/${storeId}`);
  return (await response.json()) as Store;
}

async function settled(storeId: string, status: Store['status']): Promise<void> {
  await eventually(async () => {
    const store = await get(storeId);
    if (store.status === status && store.operation === null) return true;
    throw new Error(`the store is ${store.status}: ${JSON.stringify(store.operation ?? store.failure)}`);
  }, DEADLINE);
}

/** Returns the version that completed the last workflow task of a new store. */
async function versionOfNewStore(): Promise<string | undefined> {
  const storeId = (await traffic.create()) ?? '';
  await settled(storeId, 'ready');
  const { raw } = await temporal.client.workflow.getHandle(workflowIdOf(storeId)).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}

test('an upgrade of all processes and the way back, under traffic, lose no request and no store', async () => {
  traffic = startTraffic(TRAFFIC);
  workers = await deployWorkers('a');
  const first: Api[] = [];
  for (let index = 0; index < PROCESSES; index += 1) first.push(await startApi());
  apis = first;
  for (const { url } of apis) traffic.add(url);
  expect(await versionOfNewStore()).toBe('a');

  await replaceApis();
  await replaceWorkers('a', 'b');
  expect(await versionOfNewStore()).toBe('b');

  await replaceApis();
  await replaceWorkers('b', 'a');
  expect(await versionOfNewStore()).toBe('a');

  const { statuses, problems, lost, accepted } = await traffic.stop();
  process.stderr.write(`rolling upgrade: ${JSON.stringify({ statuses, problems, accepted: accepted.length })}\n`);
  const { 200: read = 0, 202: created = 0, 503: unavailable = 0, ...others } = statuses;
  expect({ lost, others, accepted: accepted.length }).toEqual({ lost: [], others: {}, accepted: CREATED });
  expect(unavailable / (read + created)).toBeLessThan(MAX_UNAVAILABLE_SHARE);
  expect(read).toBeGreaterThan(100);
  for (const storeId of accepted) await settled(storeId, 'ready');

  const url = apis[0]?.url;
  await Promise.all(accepted.map((storeId) => fetch(`${url}/api/stores/${storeId}`, { method: 'DELETE' })));
  for (const storeId of accepted) await settled(storeId, 'deleted');
}, 1_200_000);
