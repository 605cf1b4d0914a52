import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { uniqueName } from '../../test/harness/stack/stack.ts';
import type { StoreRecord } from '../index.ts';
import type { Transaction } from '../connection/open-db.ts';
import { lockStore } from './transition.ts';
import { appendEvents } from './events.ts';

const STORES = 12;
const EVENTS_PER_STORE = 25;

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 20 });
});
afterAll(() => records.drop());

/** Writes one event of a store in a transaction that the test may hold open. */
async function write(
  { id: storeId, tenantId }: StoreRecord,
  beforeCommit: (tx: Transaction) => Promise<unknown> = async () => undefined,
): Promise<void> {
  await records.db.transaction(async (tx) => {
    await lockStore(tx, { tenantId, storeId });
    await appendEvents(tx, { storeId, tenantId, correlationId: 'c', operationId: null, now: NOW }, [
      { type: 'store.drifted', dedupeKey: null, status: 'ready', message: 'drift' },
    ]);
    await beforeCommit(tx);
  });
}

async function storesOf(tenantId: string, count: number): Promise<readonly StoreRecord[]> {
  const stores: StoreRecord[] = [];
  for (let index = 0; index < count; index += 1) stores.push(await records.request({ tenantId }));
  return stores;
}

async function tenantSeqs(tenantId: string, after = 0): Promise<readonly number[]> {
  const page = await records.stores.listTenantEvents({ tenantId, after, limit: 1_000 });
  return page.events.map(({ tenantSeq }) => tenantSeq);
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

describe('the events of a tenant', () => {
  test('are read without a gap and without a double while many transactions commit in any order', async () => {
    const tenantId = uniqueName('tenant');
    const stores = await storesOf(tenantId, STORES);
    const total = STORES * (1 + EVENTS_PER_STORE);
    const seen: number[] = [];
    const reader = (async () => {
      while (seen.length < total) seen.push(...(await tenantSeqs(tenantId, seen.at(-1))));
    })();
    await Promise.all(
      stores.map(async (store) => {
        for (let count = 0; count < EVENTS_PER_STORE; count += 1) await write(store, () => delay(Math.random() * 8));
      }),
    );
    await reader;
    expect(seen).toEqual(upTo(total));
  });

  test('keep the order of the events of each store', async () => {
    const tenantId = uniqueName('tenant');
    const [one, two] = await storesOf(tenantId, 2);
    await Promise.all([one, two].flatMap((store) => upTo(5).map(() => write(store!))));
    const { events } = await records.stores.listTenantEvents({ tenantId, limit: 100 });
    for (const store of [one, two]) {
      expect(events.filter(({ storeId }) => storeId === store?.id).map(({ seq }) => seq)).toEqual(upTo(6));
    }
  });

  test('do not wait for a transaction that is open, and get their numbers when they commit', async () => {
    const tenantId = uniqueName('tenant');
    const [slow, fast] = await storesOf(tenantId, 2);
    await write(slow!, async () => {
      await write(fast!);
      expect(await tenantSeqs(tenantId)).toEqual([1, 2, 3]);
    });
    const { events } = await records.stores.listTenantEvents({ tenantId, limit: 100 });
    expect(events.map(({ storeId, tenantSeq }) => [storeId, tenantSeq]).slice(2)).toEqual([
      [fast?.id, 3],
      [slow?.id, 4],
    ]);
  });

  test('have no gap after a transaction that was rolled back', async () => {
    const tenantId = uniqueName('tenant');
    const [store] = await storesOf(tenantId, 1);
    await expect(write(store!, () => Promise.reject(new Error('rolled back')))).rejects.toThrow('rolled back');
    await write(store!);
    expect(await tenantSeqs(tenantId)).toEqual([1, 2]);
  });

  test('are not those of another tenant, and its numbers are its own', async () => {
    const [tenantId, other] = [uniqueName('tenant'), uniqueName('tenant')];
    await storesOf(tenantId, 2);
    const [foreign] = await storesOf(other, 1);
    const { events } = await records.stores.listTenantEvents({ tenantId: other, limit: 100 });
    expect(events.map(({ storeId, tenantSeq }) => [storeId, tenantSeq])).toEqual([[foreign?.id, 1]]);
  });

  test('are listed page by page', async () => {
    const tenantId = uniqueName('tenant');
    await storesOf(tenantId, 3);
    const page = await records.stores.listTenantEvents({ tenantId, after: 1, limit: 1 });
    expect([page.events.map(({ tenantSeq }) => tenantSeq), page.hasMore]).toEqual([[2], true]);
  });
});

test('the events of an operation are those that are about it', async () => {
  const { store, input } = await records.begun();
  const command = { tenantId: store.tenantId, storeId: store.id, requestedBy: 'tenant', correlationId: 'd', now: NOW };
  const deleted = await records.stores.requestDelete(command);
  if (deleted.kind !== 'accepted') throw new Error('the delete was not accepted');
  await records.stores.recordProgress(
    { ...input, completed: null, failed: null, started: 'prepare-namespace', nodes: null },
    NOW,
  );
  const ofOperation = async (operationId: string) => {
    const page = await records.stores.listEvents({
      tenantId: store.tenantId,
      storeId: store.id,
      operationId,
      limit: 9,
    });
    return page?.events.map(({ type }) => type);
  };
  expect(await ofOperation(store.operation.id)).toEqual(['store.requested', 'operation.started', 'step.started']);
  expect(await ofOperation(deleted.operation.id)).toEqual(['delete.requested']);
});
