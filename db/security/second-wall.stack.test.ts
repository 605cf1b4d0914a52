import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { sql } from 'drizzle-orm';
import type { StoreRecord, Stores } from '../index.ts';
import type { TestRecords } from '../../test/factories/store-records.ts';

/** All conditions on the tenant are replaced by `true`: only row-level security separates the tenants in this file. */
jest.unstable_mockModule('../stores/of-tenant.ts', () => ({ ofTenant: () => sql`true` }));
const { NOW, openTestRecords } = await import('../../test/factories/store-records.ts');

let records: TestRecords;
let stores: Stores;
let ours: StoreRecord;
let theirs: StoreRecord;

beforeAll(async () => {
  records = await openTestRecords();
  ({ stores } = records);
  ours = await records.request({ tenantId: 'a', idempotencyKey: 'key' });
  theirs = await records.request({ tenantId: 'b', idempotencyKey: 'key' });
});
afterAll(() => records.drop());

test('the mock is in place: a query that does not act for a tenant has no condition', async () => {
  const { listStores } = await import('../stores/list.ts');
  const page = await listStores(records.db, { tenantId: 'a', limit: 10 });
  expect(page.stores).toHaveLength(2);
});

/** Reads a store as the tenant `a`, together with a token. */
async function readWithToken(storeId: string): Promise<unknown> {
  const { createTokenReads } = await import('../tenancy/token-reads.ts');
  const hash = Buffer.alloc(32);
  return (await createTokenReads(records.db).findTokenAndStore({ hash, now: NOW, tenantId: 'a', storeId })).store;
}

test('a store is read together with a token', async () => {
  expect(await readWithToken(ours.id)).toEqual(ours);
});

test.each<[string, () => Promise<unknown>]>([
  ['get', () => stores.get({ tenantId: 'a', storeId: theirs.id })],
  ['listEvents', () => stores.listEvents({ tenantId: 'a', storeId: theirs.id, limit: 10 })],
  ['listOperations', () => stores.listOperations({ tenantId: 'a', storeId: theirs.id, limit: 10, offset: 0 })],
  ['findTokenAndStore', () => readWithToken(theirs.id)],
  ['getOperation', () => stores.getOperation({ tenantId: 'a', operationId: theirs.operation.id })],
])('without its own conditions, %s finds nothing of another tenant', async (_, read) => {
  expect(await read()).toBeUndefined();
});

test.each<[string, (command: Parameters<Stores['requestCancel']>[0]) => Promise<unknown>]>([
  ['requestDelete', (command) => stores.requestDelete(command)],
  ['requestCancel', (command) => stores.requestCancel(command)],
  ['requestUndelete', (command) => stores.requestUndelete(command)],
  ['requestOperation', (command) => stores.requestOperation({ ...command, action: 'retry' })],
])('without its own conditions, %s changes nothing of another tenant', async (_, request) => {
  const command = { tenantId: 'a', storeId: theirs.id, requestedBy: 'a', correlationId: 'c', now: NOW };
  expect(await request(command)).toEqual({ kind: 'notFound' });
  const unchanged = await stores.get({ tenantId: 'b', storeId: theirs.id });
  expect(unchanged).toEqual(theirs);
});

test('without its own conditions, statistics count only the stores of the tenant', async () => {
  const { createStatisticsRecords } = await import('../statistics/statistics.ts');
  const range = { from: new Date(NOW.getTime() - 1), to: new Date(NOW.getTime() + 1), bucket: 'hour' } as const;
  const { stores: counted } = await createStatisticsRecords(records.db).statisticsOfTenant('a', range);
  expect(counted).toEqual([{ status: 'requested', engine: 'woocommerce', count: 1 }]);
});

test('without its own conditions, a list has only the stores of the tenant', async () => {
  const page = await stores.list({ tenantId: 'a', limit: 10, isCounted: true });
  expect([page.stores.map(({ id }) => id), page.total]).toEqual([[ours.id], 1]);
});

test('without its own conditions, a repeated create finds the store of the tenant and not another one with the same key', async () => {
  const { createInput } = await import('../../test/factories/store-records.ts');
  const repeated = createInput({ tenantId: 'a', idempotencyKey: 'key', id: ours.id });
  expect(await stores.create(repeated)).toMatchObject({ kind: 'replayed', store: { id: ours.id } });
});
