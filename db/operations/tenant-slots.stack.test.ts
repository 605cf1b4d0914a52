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

const AWAITED = { kind: 'begun', tenantSlot: 'queued' } as const;
const BEGUN = { kind: 'begun' } as const;

/** A tenant of a test's own. */
function newTenant(maxRunning: number) {
  const tenantId = `tenant-${randomUUID()}`;
  const bounds = { maxRunning };
  return {
    request: () => records.request({ tenantId }),
    begin: (store: StoreRecord, at = NOW) => records.stores.begin(inputOf(store), at, bounds),
    acquireTenantSlot: (store: StoreRecord) => records.stores.acquireTenantSlot(inputOf(store), bounds),
    end: (store: StoreRecord, outcome: 'ready' | 'cancelled') =>
      records.stores.end({ ...inputOf(store), outcome: OUTCOMES[outcome] }, NOW),
  };
}

function inputOf(store: StoreRecord) {
  return activityInput(store, 'provision', `run-${store.id}`);
}

test('of provisions that begin at once as many run as may; the others wait, and say so', async () => {
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

test('a tenant is not held up by another', async () => {
  const [crowded, other] = [newTenant(1), newTenant(1)];
  expect(await crowded.begin(await crowded.request())).toEqual(BEGUN);
  expect(await crowded.begin(await crowded.request())).toEqual(AWAITED);
  expect(await other.begin(await other.request())).toEqual(BEGUN);
});

test('the end of a provision names the one that has waited longest, whose turn it is when it asks', async () => {
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

test('what is delivered twice is answered alike, and written once', async () => {
  const tenant = newTenant(1);
  const [running, waiting] = await Promise.all([tenant.request(), tenant.request()]);
  await tenant.begin(running);
  expect(await Promise.all([tenant.begin(waiting), tenant.begin(waiting)])).toEqual([AWAITED, AWAITED]);
  expect((await records.events(waiting)).filter(({ type }) => type === 'operation.queued')).toHaveLength(1);
  const ended = await tenant.end(running, 'ready');
  expect(await tenant.end(running, 'ready')).toEqual(ended);
  expect(await tenant.acquireTenantSlot(waiting)).toEqual({ acquired: true });
  expect(await tenant.acquireTenantSlot(waiting)).toEqual({ acquired: true });
});

test('one that is cancelled while it waits takes no room, and nobody is sent to it', async () => {
  const tenant = newTenant(1);
  const [running, waiting] = await Promise.all([tenant.request(), tenant.request()]);
  await tenant.begin(running);
  await tenant.begin(waiting);
  await tenant.end(waiting, 'cancelled');
  expect(await records.read(waiting)).toMatchObject({ status: 'cancelled', operation: { queuedSince: null } });
  expect(await tenant.end(running, 'ready')).toEqual({ next: null });
});
