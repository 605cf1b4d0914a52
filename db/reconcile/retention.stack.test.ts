import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { OUTCOMES } from '../../test/factories/outcomes.ts';
import { later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { RetentionRecords } from '../../domain/ports/retention-records.ts';
import { createAuditRecords } from '../audit/audit-records.ts';
import { createOrphanRecords } from './orphans.ts';
import { createRetentionRecords } from './retention.ts';
import { operations } from '../schema/operations.ts';
import { storeEvents } from '../schema/events.ts';
import { stores } from '../schema/stores.ts';
import type { StoreRecord } from '../index.ts';

const AFTER = { before: later(1), limit: 100 };
const OF_CLUSTER = { ...AFTER, cluster: 'default' };

let records: TestRecords;
let retention: RetentionRecords;
beforeAll(async () => {
  records = await openTestRecords();
  retention = createRetentionRecords(records.db);
});
beforeEach(async () => {
  const { db } = records;
  await db.delete(storeEvents);
  await db.delete(operations);
  await db.delete(stores);
});
afterAll(() => records.drop());

/** Creates a store that was deleted at `NOW`. */
async function deleted(): Promise<StoreRecord> {
  const { store, input } = await records.begun('delete');
  await records.stores.end({ ...input, outcome: OUTCOMES.deleted }, NOW);
  return store;
}

async function ready(): Promise<StoreRecord> {
  const { store, input } = await records.begun();
  await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
  return store;
}

/** Returns everything that the database has, as text. */
async function everything(): Promise<string> {
  const { db } = records;
  return JSON.stringify([
    await db.select().from(stores),
    await db.select().from(operations),
    await db.select().from(storeEvents),
  ]);
}

describe('a deleted store', () => {
  test('is erased with its name, its operations and its events when its retention is over', async () => {
    const store = await deleted();
    expect(await everything()).toContain('Acme Shoes');
    expect(await retention.eraseDeletedStores(OF_CLUSTER)).toBe(1);
    expect(await everything()).toBe('[[],[],[]]');
    expect(await records.stores.get({ tenantId: store.tenantId, storeId: store.id })).toBeUndefined();
    expect(await retention.eraseDeletedStores(OF_CLUSTER)).toBe(0);
  });

  test('is kept until its retention is over', async () => {
    const store = await deleted();
    expect(await retention.eraseDeletedStores({ ...OF_CLUSTER, before: NOW })).toBe(0);
    expect(await records.read(store)).toMatchObject({ status: 'deleted' });
  });

  test('of another cluster is kept: the list of the orphans of that cluster may not be complete', async () => {
    await deleted();
    expect(await retention.eraseDeletedStores({ ...AFTER, cluster: 'other' })).toBe(0);
  });

  test('is kept while the cluster has an object of it', async () => {
    const store = await deleted();
    const list = createOrphanRecords(records.db);
    const volume = { kind: 'PersistentVolume', name: 'pv', namespace: null, uid: 'uid', storeId: store.id } as const;
    const orphan = { ...volume, reason: 'a volume policy keeps it', isRemovable: false };
    await list.noteSeen({ cluster: 'default', orphans: [orphan], graceSeconds: 0, passBegan: NOW, now: NOW });
    expect(await retention.eraseDeletedStores(OF_CLUSTER)).toBe(0);
    await list.forget(orphan.uid);
    expect(await retention.eraseDeletedStores(OF_CLUSTER)).toBe(1);
  });

  test('does not take its key or the quota of its tenant away from a new store', async () => {
    const store = await deleted();
    await retention.eraseDeletedStores(OF_CLUSTER);
    const again = await records.request({ id: store.id, idempotencyKey: store.idempotencyKey, maxStores: 1 });
    expect(again).toMatchObject({ id: store.id, status: 'requested' });
  });
});

test('a store that is not deleted is never erased', async () => {
  await ready();
  await records.begun();
  await records.begun('delete');
  expect(await retention.eraseDeletedStores({ ...OF_CLUSTER, before: later(1e9) })).toBe(0);
  expect(await records.db.$count(stores)).toBe(3);
});

test('one call erases at most as many rows as its limit, and two calls at the same time erase each row once', async () => {
  for (let count = 0; count < 3; count += 1) await deleted();
  const one = { ...OF_CLUSTER, limit: 1 };
  const erased = await Promise.all([retention.eraseDeletedStores(one), retention.eraseDeletedStores(one)]);
  expect(await records.db.$count(stores)).toBe(3 - (erased[0] ?? 0) - (erased[1] ?? 0));
  expect(Math.max(...erased)).toBe(1);
});

describe('old events', () => {
  test('are erased, and the next event continues their numbers', async () => {
    const store = await ready();
    const before = await records.events(store);
    expect(await retention.eraseOldEvents({ ...AFTER, limit: 2 })).toBe(2);
    expect(await records.events(store)).toEqual(before.slice(2));
    expect(await retention.eraseOldEvents(AFTER)).toBe(before.length - 2);
    const { tenantId } = store;
    const command = { tenantId, storeId: store.id, requestedBy: tenantId, correlationId: 'c', now: later(2) };
    await records.stores.requestDelete(command);
    expect((await records.events(store))[0]).toMatchObject({ seq: before.length + 1 });
  });

  test('of an open operation are kept, because a repeated write must find them', async () => {
    const { store } = await records.begun();
    const before = await records.events(store);
    expect(await retention.eraseOldEvents({ ...AFTER, before: later(1e9) })).toBe(0);
    expect(await records.events(store)).toEqual(before);
  });
});

test('erases the oldest entries of the audit log, at most the limit at once, and keeps newer ones', async () => {
  const log = createAuditRecords(records.db);
  for (const seconds of [0, 10, 20, 30]) {
    await log.record({
      at: later(seconds),
      tenantId: seconds === 10 ? null : 'tenant',
      principal: { kind: 'anonymous' },
      action: 'deleteStore',
      target: null,
      outcome: 'succeeded',
      correlationId: `${seconds}`,
    });
  }
  const query = { before: later(25), limit: 2 };
  expect([await retention.eraseOldAuditEntries(query), await retention.eraseOldAuditEntries(query)]).toEqual([2, 1]);
  const { entries } = await log.listAll({ limit: 10 });
  expect(entries.map(({ correlationId }) => correlationId)).toEqual(['30']);
});
