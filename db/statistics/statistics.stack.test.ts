import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OperationKind, OperationStatus, Step } from '../../domain/operations/catalogue.ts';
import type { FailureCode } from '../../domain/failure.ts';
import type { BucketedRange } from '../../domain/statistics.ts';
import type { StoreStatus } from '../../domain/store/status.ts';
import type { Engine } from '../../domain/engines/index.ts';
import { createInput, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { storeEvents } from '../schema/events.ts';
import { operations } from '../schema/operations.ts';
import { stores } from '../schema/stores.ts';
import { createStatisticsRecords } from './statistics.ts';

const at = (text: string) => new Date(`2026-01-${text}Z`);
const RANGE: BucketedRange = { from: at('01T00:00:00'), to: at('05T00:00:00'), bucket: 'day' };

let records: TestRecords;
let statistics: ReturnType<typeof createStatisticsRecords>;

interface Seed {
  readonly tenantId?: string;
  readonly engine?: Engine;
  readonly status?: StoreStatus;
  readonly created: Date;
  readonly deleted?: Date;
}

/** Writes a store with these columns, and returns its id. */
async function addStore({ tenantId = 'a', engine = 'medusa', status = 'ready', created, deleted }: Seed) {
  const {
    operationId: _,
    requestedBy: _by,
    correlationId: _id,
    maxStores: _max,
    placement: _placement,
    now: _now,
    ...columns
  } = createInput({
    tenantId,
    engine,
  });
  const state = deleted === undefined ? { status } : { status: 'deleted' as const, deletedAt: deleted };
  await records.db.insert(stores).values({
    ...columns,
    ...state,
    cluster: 'default',
    readyAt: created,
    lastSeq: 0,
    createdAt: created,
    updatedAt: created,
  });
  return { storeId: columns.id, tenantId };
}

/** Writes an operation of a store that has ended, and its completed steps with their milliseconds. */
async function addOperation(
  store: { readonly storeId: string; readonly tenantId: string },
  given: {
    readonly kind?: OperationKind;
    readonly status?: OperationStatus;
    readonly code?: FailureCode;
    readonly requested: Date;
    readonly seconds: number;
    readonly steps?: Readonly<Partial<Record<Step, number>>>;
  },
): Promise<void> {
  const { kind = 'provision', status = 'succeeded', code = null, requested, seconds, steps = {} } = given;
  const operation = {
    ...store,
    cluster: 'default',
    id: randomUUID(),
    kind,
    status,
    isCurrent: false,
    workflowId: `store/${store.storeId}`,
    runId: 'run',
    requestedBy: 'a',
    correlationId: 'c',
    failureCode: code,
    requestedAt: requested,
    startedAt: requested,
    endedAt: new Date(requested.getTime() + seconds * 1_000),
    ...(kind === 'delete' ? { undeleteWindowSeconds: 0, volumePolicy: 'delete' as const } : {}),
  };
  await records.db.insert(operations).values(operation);
  const rows = Object.entries(steps).map(([step, durationMs], index) => ({
    ...store,
    seq: index + 1,
    type: 'step.completed' as const,
    step: step as Step,
    status: 'provisioning' as const,
    message: '',
    data: { durationMs },
    operationId: operation.id,
    createdAt: operation.endedAt,
  }));
  if (rows.length > 0) await records.db.insert(storeEvents).values(rows);
}

beforeAll(async () => {
  records = await openTestRecords();
  statistics = createStatisticsRecords(records.db);
  const old = await addStore({ created: new Date('2025-12-01T00:00:00Z') });
  await addStore({ created: new Date('2025-12-01T00:00:00Z'), deleted: new Date('2025-12-31T23:59:59Z') });
  await addStore({ created: new Date('2025-12-01T00:00:00Z'), deleted: at('02T10:00:00') });
  const fast = await addStore({ created: at('01T08:00:00') });
  const slow = await addStore({ created: at('03T08:00:00') });
  const failed = await addStore({ created: at('03T09:00:00'), status: 'failed' });
  await addStore({ created: at('05T00:00:00'), status: 'requested' });
  await addOperation(old, { requested: new Date('2025-12-01T00:00:00Z'), seconds: 1 });
  await addOperation(fast, {
    requested: at('01T08:00:00'),
    seconds: 10,
    steps: { 'prepare-namespace': 400, 'await-ready': 8_000 },
  });
  await addOperation(slow, { requested: at('03T08:00:00'), seconds: 1_000, steps: { 'await-ready': 990_000 } });
  await addOperation(failed, {
    requested: at('03T09:00:00'),
    seconds: 60,
    status: 'failed',
    code: 'IMAGE_PULL_FAILED',
    steps: { 'await-ready': 1 },
  });
  await addOperation(failed, { requested: at('03T10:00:00'), seconds: 60, status: 'failed', code: 'CRASH_LOOP' });
  await addOperation(failed, { requested: at('04T10:00:00'), seconds: 5, kind: 'delete' });
  const theirs = await addStore({ tenantId: 'b', engine: 'woocommerce', created: at('03T08:00:00') });
  await addOperation(theirs, { requested: at('03T08:00:00'), seconds: 45 });
});
afterAll(() => records.drop());

test('counts the stores of a tenant by status and engine, without deleted ones', async () => {
  expect((await statistics.statisticsOfTenant('a', RANGE)).stores).toEqual([
    { status: 'failed', engine: 'medusa', count: 1 },
    { status: 'ready', engine: 'medusa', count: 3 },
    { status: 'requested', engine: 'medusa', count: 1 },
  ]);
});

test('counts the stores that were created, deleted and resident on each day', async () => {
  const { storesOverTime } = await statistics.statisticsOfTenant('a', RANGE);
  expect(storesOverTime.map(({ at: start, ...counts }) => [start.toISOString().slice(8, 10), counts])).toEqual([
    ['01', { created: 1, deleted: 0, resident: 3 }],
    ['02', { created: 0, deleted: 1, resident: 2 }],
    ['03', { created: 2, deleted: 0, resident: 4 }],
    ['04', { created: 0, deleted: 0, resident: 4 }],
  ]);
});

test('counts the operations that ended by outcome, and the failed ones by cause', async () => {
  const { operations: ended, failures } = await statistics.statisticsOfTenant('a', RANGE);
  expect(ended).toEqual([
    { at: at('01T00:00:00'), kind: 'provision', outcome: 'succeeded', count: 1 },
    { at: at('03T00:00:00'), kind: 'provision', outcome: 'failed', count: 2 },
    { at: at('03T00:00:00'), kind: 'provision', outcome: 'succeeded', count: 1 },
    { at: at('04T00:00:00'), kind: 'delete', outcome: 'succeeded', count: 1 },
  ]);
  expect(failures).toEqual([
    { at: at('03T00:00:00'), code: 'CRASH_LOOP', count: 1 },
    { at: at('03T00:00:00'), code: 'IMAGE_PULL_FAILED', count: 1 },
  ]);
});

test('measures the time to ready of each engine, and counts a time on a bound in the class above it', async () => {
  const { timeToReady } = await statistics.statisticsOfTenant('a', RANGE);
  expect(timeToReady).toMatchObject([
    { engine: 'medusa', count: 2, p50Seconds: 505, p90Seconds: 901, p99Seconds: 990.1 },
  ]);
  expect(timeToReady[0]?.histogram.filter(({ count }) => count > 0)).toEqual([
    { upToSeconds: 20, count: 1 },
    { upToSeconds: null, count: 1 },
  ]);
});

test('measures the steps of provisions that succeeded, in their order', async () => {
  const { provisionSteps } = await statistics.statisticsOfTenant('a', RANGE);
  expect(provisionSteps).toEqual([
    { step: 'prepare-namespace', count: 1, p50Seconds: 0.4, p90Seconds: 0.4, p99Seconds: 0.4 },
    { step: 'await-ready', count: 2, p50Seconds: 499, p90Seconds: 891.8, p99Seconds: 980.2 },
  ]);
});

test('divides a short range into hours', async () => {
  const range = { from: at('03T08:00:00'), to: at('03T11:00:00'), bucket: 'hour' } as const;
  const { storesOverTime, failures } = await statistics.statisticsOfTenant('a', range);
  expect(storesOverTime.map(({ created, resident }) => [created, resident])).toEqual([
    [1, 3],
    [1, 4],
    [0, 4],
  ]);
  expect(failures.map(({ at: start, code }) => [start, code])).toEqual([
    [at('03T09:00:00'), 'IMAGE_PULL_FAILED'],
    [at('03T10:00:00'), 'CRASH_LOOP'],
  ]);
});

test('operators see all tenants, or one of them', async () => {
  const enginesOf = async (tenantId?: string) =>
    (await statistics.statisticsOfAll(tenantId, RANGE)).timeToReady.map(({ engine }) => engine);
  expect([await enginesOf(), await enginesOf('b'), await enginesOf('nobody')]).toEqual([
    ['medusa', 'woocommerce'],
    ['woocommerce'],
    [],
  ]);
});

test('a tenant without stores has empty buckets', async () => {
  const empty = await statistics.statisticsOfTenant('nobody', RANGE);
  expect(empty.storesOverTime.map(({ resident }) => resident)).toEqual([0, 0, 0, 0]);
  expect([empty.stores, empty.operations, empty.failures, empty.timeToReady, empty.provisionSteps].flat()).toEqual([]);
});
