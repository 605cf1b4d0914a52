import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../connection/open-db.ts';
import { CRASH_LOOP, OUTCOMES } from '../../test/factories/outcomes.ts';
import type { HoldDecision } from '../../domain/operations/inputs.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { StoreRecord } from '../index.ts';
import { acquireTenantSlot } from './tenant-slots.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 20 });
});
afterAll(() => records.drop());

const QUEUED = { kind: 'begun', tenantSlot: 'queued' } as const;
const BEGUN = { kind: 'begun' } as const;

/** Returns a tenant that no other test uses. */
function newTenant(maxRunning: number) {
  const tenantId = `tenant-${randomUUID()}`;
  const limits = { maxRunning };
  return {
    tenantId,
    limits,
    request: () => records.request({ tenantId }),
    begin: (store: StoreRecord, at = NOW, slots = limits) => records.stores.begin(inputOf(store), at, slots),
    acquireTenantSlot: (store: StoreRecord) => records.stores.acquireTenantSlot(inputOf(store), NOW, limits),
    hold: (store: StoreRecord) =>
      records.stores.hold({ ...inputOf(store), failure: CRASH_LOOP }, later(60), NOW, limits),
    endHold: (store: StoreRecord, decision: HoldDecision) =>
      records.stores.endHold({ ...inputOf(store), decision }, later(50), limits),
    end: (store: StoreRecord, outcome: 'ready' | 'cancelled') =>
      records.stores.end({ ...inputOf(store), outcome: OUTCOMES[outcome] }, NOW, limits),
  };
}

function inputOf(store: StoreRecord) {
  return activityInput(store, 'provision', `run-${store.id}`);
}

async function statusOf(store: StoreRecord): Promise<string> {
  return (await records.read(store)).operation.status;
}

test('runs as many provisions as the tenant has slots, and queues the others with an event', async () => {
  const tenant = newTenant(3);
  const stores = await Promise.all(Array.from({ length: 8 }, tenant.request));
  const begun = await Promise.all(stores.map((store) => tenant.begin(store)));
  expect(begun.filter((outcome) => !('tenantSlot' in outcome))).toHaveLength(3);
  const waiting = stores.filter((_store, position) => 'tenantSlot' in (begun[position] ?? {}));
  for (const store of waiting) {
    expect(await records.read(store)).toMatchObject({ status: 'provisioning', operation: { queuedSince: NOW } });
    expect((await records.events(store)).map(({ type, status }) => `${type} ${status}`)).toEqual([
      'store.requested requested',
      'operation.started provisioning',
      'operation.queued provisioning',
    ]);
  }
});

test('does not queue the operation of one tenant because of another tenant', async () => {
  const [crowded, other] = [newTenant(1), newTenant(1)];
  expect(await crowded.begin(await crowded.request())).toEqual(BEGUN);
  expect(await crowded.begin(await crowded.request())).toEqual(QUEUED);
  expect(await other.begin(await other.request())).toEqual(BEGUN);
});

test('does not queue the operation of a tenant in one cluster because of its operations in another one', async () => {
  const insert = `insert into clusters (name, labels, created_at, updated_at) values ($1, $2, now(), now())`;
  for (const name of ['one', 'two']) await records.pool.query(insert, [name, { site: name }]);
  const tenant = newTenant(1);
  const { tenantId } = tenant;
  const inCluster = (site: string) => records.request({ tenantId, placement: { labels: { site } } });
  const [running, queued, other] = [await inCluster('one'), await inCluster('one'), await inCluster('two')];
  await records.pool.query('truncate clusters');
  expect(await tenant.begin(running)).toEqual(BEGUN);
  expect(await tenant.begin(queued)).toEqual(QUEUED);
  expect(await tenant.begin(other)).toEqual(BEGUN);
  // The end of an operation frees a slot in its own cluster only.
  expect(await tenant.end(other, 'ready')).not.toHaveProperty('nextInQueue');
  expect(await statusOf(queued)).toBe('queued');
  expect((await tenant.end(running, 'ready')).nextInQueue).toEqual([queued.id]);
});

test('gives the slot of a provision that ends to the one that was queued longest, and returns its store', async () => {
  const tenant = newTenant(1);
  const [running, second, first] = await Promise.all([tenant.request(), tenant.request(), tenant.request()]);
  await tenant.begin(running);
  await tenant.begin(first, later(1));
  await tenant.begin(second, later(2));
  expect(await tenant.acquireTenantSlot(first)).toEqual({ acquired: false });
  expect(await tenant.end(running, 'ready')).toEqual({ next: null, nextInQueue: [first.id] });
  expect(await statusOf(first)).toBe('running');
  expect(await tenant.acquireTenantSlot(first)).toEqual({ acquired: true });
  expect(await tenant.acquireTenantSlot(second)).toEqual({ acquired: false });
  expect(await records.read(first)).toMatchObject({ operation: { queuedSince: null } });
});

test('returns the same result for a repeated call and writes once', async () => {
  const tenant = newTenant(1);
  const [running, waiting] = await Promise.all([tenant.request(), tenant.request()]);
  await tenant.begin(running);
  expect(await Promise.all([tenant.begin(waiting), tenant.begin(waiting)])).toEqual([QUEUED, QUEUED]);
  expect((await records.events(waiting)).filter(({ type }) => type === 'operation.queued')).toHaveLength(1);
  const ended = await tenant.end(running, 'ready');
  expect(await tenant.end(running, 'ready')).toEqual(ended);
  expect(await tenant.acquireTenantSlot(waiting)).toEqual({ acquired: true });
  expect(await tenant.acquireTenantSlot(waiting)).toEqual({ acquired: true });
});

test('does not give a slot to a queued operation that was cancelled', async () => {
  const tenant = newTenant(1);
  const [running, waiting] = await Promise.all([tenant.request(), tenant.request()]);
  await tenant.begin(running);
  await tenant.begin(waiting);
  await tenant.end(waiting, 'cancelled');
  expect(await records.read(waiting)).toMatchObject({ status: 'cancelled', operation: { queuedSince: null } });
  expect(await tenant.end(running, 'ready')).toEqual({ next: null });
});

test('a run that is signalled keeps its slot, although newer provisions begin before it asks', async () => {
  const tenant = newTenant(1);
  const [running, waiting, newcomer] = await Promise.all([tenant.request(), tenant.request(), tenant.request()]);
  await tenant.begin(running);
  await tenant.begin(waiting, later(1));
  await tenant.end(running, 'ready');
  expect(await tenant.begin(newcomer, later(2))).toMatchObject(QUEUED);
  expect(await tenant.acquireTenantSlot(newcomer)).toMatchObject({ acquired: false });
  expect(await tenant.acquireTenantSlot(waiting)).toEqual({ acquired: true });
});

test('a newer provision does not overtake the queue when the limit was raised', async () => {
  const tenant = newTenant(1);
  const [running, waiting, newcomer] = await Promise.all([tenant.request(), tenant.request(), tenant.request()]);
  await tenant.begin(running);
  await tenant.begin(waiting, later(1));
  const raised = { maxRunning: 2 };
  expect(await tenant.begin(newcomer, later(2), raised)).toEqual({ ...QUEUED, nextInQueue: [waiting.id] });
  expect(await Promise.all([running, waiting, newcomer].map(statusOf))).toEqual(['running', 'running', 'queued']);
});

test('returns a store again until its run has confirmed the slot, because the first signal can be lost', async () => {
  const tenant = newTenant(2);
  const [one, two, waiting] = await Promise.all([tenant.request(), tenant.request(), tenant.request()]);
  await tenant.begin(one);
  await tenant.begin(two);
  await tenant.begin(waiting);
  expect(await tenant.end(one, 'ready')).toEqual({ next: null, nextInQueue: [waiting.id] });
  expect(await tenant.end(two, 'ready')).toEqual({ next: null, nextInQueue: [waiting.id] });
  await tenant.acquireTenantSlot(waiting);
  expect(await tenant.end(two, 'ready')).toEqual({ next: null });
});

test('a hold frees its slot, and a provision that continues is queued again when no slot is free', async () => {
  const tenant = newTenant(1);
  const [held, waiting] = await Promise.all([tenant.request(), tenant.request()]);
  await tenant.begin(held);
  await tenant.begin(waiting, later(1));
  expect(await tenant.hold(held)).toEqual({ nextInQueue: [waiting.id] });
  expect(await tenant.acquireTenantSlot(waiting)).toEqual({ acquired: true });
  const decision = { kind: 'continue', change: null } as const;
  expect(await tenant.endHold(held, decision)).toEqual({ tenantSlot: 'queued' });
  expect(await tenant.endHold(held, decision)).toEqual({ tenantSlot: 'queued' });
  expect(await records.read(held)).toMatchObject({
    status: 'provisioning',
    operation: { status: 'queued', queuedSince: later(50), heldUntil: null },
  });
  expect((await records.events(held)).map(({ type }) => type).slice(-2)).toEqual([
    'operation.continued',
    'operation.queued',
  ]);
  expect(await tenant.end(waiting, 'ready')).toEqual({ next: null, nextInQueue: [held.id] });
  expect(await tenant.acquireTenantSlot(held)).toEqual({ acquired: true });
});

test('20 held provisions that continue run one after the other', async () => {
  const tenant = newTenant(1);
  const stores = await Promise.all(Array.from({ length: 20 }, tenant.request));
  for (const store of stores) {
    await tenant.begin(store);
    await tenant.hold(store);
  }
  const results = await Promise.all(stores.map((store) => tenant.endHold(store, { kind: 'continue', change: null })));
  expect(results.filter(({ tenantSlot }) => tenantSlot === undefined)).toHaveLength(1);
});

test('the undo of a held provision does not wait for a slot', async () => {
  const tenant = newTenant(1);
  const [held, running] = await Promise.all([tenant.request(), tenant.request()]);
  await tenant.begin(held);
  await tenant.hold(held);
  await tenant.begin(running);
  expect(await tenant.endHold(held, { kind: 'abort' })).toEqual({});
  expect(await Promise.all([held, running].map(statusOf))).toEqual(['running', 'running']);
});

test('a delete that replaces a lost provision gives the slot of the provision to the queue', async () => {
  const tenant = newTenant(1);
  const [lost, waiting] = await Promise.all([tenant.request(), tenant.request()]);
  await tenant.begin(lost);
  await tenant.begin(waiting);
  const removal = activityInput(lost, 'delete');
  expect(await records.stores.begin(removal, NOW, tenant.limits)).toEqual({ ...BEGUN, nextInQueue: [waiting.id] });
});

test('one request touches a few rows while 10,000 operations of the tenant are queued', async () => {
  const tenant = newTenant(1);
  const [running, waiting] = await Promise.all([tenant.request(), tenant.request()]);
  await tenant.begin(running);
  await tenant.begin(waiting);
  await records.writeMany(
    `insert into stores select copy.* from stores s, generate_series(1, 10000) n,
       jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'idempotency_key', 'copy-' || n,
         'namespace', 'copy-' || n)) copy where s.id = $1`,
    [waiting.id],
  );
  await records.writeMany(
    `insert into operations select copy.* from operations o, stores s, jsonb_populate_record(o, jsonb_build_object(
       'id', gen_random_uuid(), 'store_id', s.id, 'queued_since', now() - random() * interval '1 hour')) copy
     where o.store_id = $1 and s.idempotency_key like 'copy-%'`,
    [waiting.id],
  );
  await records.pool.query('analyze stores, operations');
  const touched = await records.db.transaction(async (tx) => {
    const before = await rowsTouched(tx);
    expect(await acquireTenantSlot(tx, inputOf(waiting), { ...tenant.limits, now: NOW })).toEqual({ acquired: false });
    return (await rowsTouched(tx)) - before;
  });
  expect(touched).toBeLessThan(50);
  expect((await tenant.end(running, 'ready')).nextInQueue).toHaveLength(1);
});

/** Returns the rows that the transaction has read and written in the tables of the platform. */
async function rowsTouched(tx: Transaction): Promise<number> {
  const { rows } = await tx.execute<{ total: string }>(
    sql`select sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd) as total
        from pg_stat_xact_user_tables`,
  );
  return Number(rows[0]?.total);
}
