import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { StoreRecord } from '../index.ts';

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
    request: () => records.request({ tenantId }),
    begin: (store: StoreRecord, at = NOW) => records.stores.begin(inputOf(store), at, limits),
    acquireTenantSlot: (store: StoreRecord) => records.stores.acquireTenantSlot(inputOf(store), limits),
    end: (store: StoreRecord, outcome: 'ready' | 'cancelled') =>
      records.stores.end({ ...inputOf(store), outcome: OUTCOMES[outcome] }, NOW),
  };
}

function inputOf(store: StoreRecord) {
  return activityInput(store, 'provision', `run-${store.id}`);
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

test('returns at the end of a provision the store that was queued longest, which then acquires the slot', async () => {
  const tenant = newTenant(1);
  const [running, second, first] = await Promise.all([tenant.request(), tenant.request(), tenant.request()]);
  await tenant.begin(running);
  await tenant.begin(first, later(1));
  await tenant.begin(second, later(2));
  expect(await tenant.acquireTenantSlot(first)).toEqual({ acquired: false });
  expect(await tenant.end(running, 'ready')).toEqual({ next: null, nextInQueue: first.id });
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
