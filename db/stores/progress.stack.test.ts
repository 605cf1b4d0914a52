import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { uniqueName } from '../../test/harness/stack/stack.ts';
import type { StoreRecord } from '../index.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords();
});
afterAll(() => records.drop());

function progressOf({ tenantId, operation }: StoreRecord) {
  return records.stores.getProgress({ tenantId, operationId: operation.id });
}

describe('the progress of an operation', () => {
  test('says when its step started', async () => {
    const { store, input } = await records.begun();
    const progress = { ...input, completed: null, failed: null, nodes: null } as const;
    await records.stores.recordProgress({ ...progress, started: 'prepare-namespace' }, later(3));
    expect(await progressOf(store)).toMatchObject({ engine: 'woocommerce', queue: null, stepStartedAt: later(3) });
  });

  test('has its place in the queue of its tenant', async () => {
    const tenantId = uniqueName('tenant');
    const stores: StoreRecord[] = [];
    for (let count = 0; count < 3; count += 1) {
      const store = await records.request({ tenantId });
      stores.push(store);
      await records.stores.begin(activityInput(store, 'provision'), later(count), { maxRunning: 1 });
    }
    const places = await Promise.all(stores.map(async (store) => (await progressOf(store))?.queue));
    expect(places).toEqual([null, { position: 1, length: 2 }, { position: 2, length: 2 }]);
  });

  test('says that it waits for another operation of its store', async () => {
    const { store } = await records.begun();
    const { tenantId, id: storeId } = store;
    const result = await records.stores.requestDelete({
      tenantId,
      storeId,
      requestedBy: 'tenant',
      correlationId: 'd',
      now: NOW,
    });
    if (result.kind !== 'accepted') throw new Error('the delete was not accepted');
    const key = { tenantId, operationId: result.operation.id };
    expect(await records.stores.getProgress(key)).toMatchObject({ waitsForOperation: true });
    expect(await progressOf(store)).toMatchObject({ waitsForOperation: false });
  });

  test('is unknown to another tenant', async () => {
    const store = await records.request();
    expect(await progressOf({ ...store, tenantId: 'other' })).toBeUndefined();
  });
});

describe('the durations of past operations', () => {
  /** Provisions a store that takes `seconds`, with one step that takes half of it. */
  async function provisioned(tenantId: string, seconds: number, outcome = OUTCOMES.ready): Promise<void> {
    const store = await records.request({ tenantId });
    const input = activityInput(store, 'provision');
    await records.stores.begin(input, NOW);
    const completed = { step: 'install-release', durationMs: seconds * 500, data: {} } as const;
    await records.stores.recordProgress({ ...input, completed, failed: null, started: null, nodes: null }, NOW);
    await records.stores.end({ ...input, outcome }, later(seconds));
  }

  test('are those of the same tenant, kind and engine that succeeded', async () => {
    const tenantId = uniqueName('tenant');
    for (const seconds of [10, 20, 30]) await provisioned(tenantId, seconds);
    await provisioned(uniqueName('other'), 1_000);
    const { whole, steps } = await records.stores.readDurations({ kind: 'provision', engine: 'woocommerce', tenantId });
    expect(whole).toEqual({ p50Seconds: 20, p90Seconds: 28, basedOn: 3 });
    expect(steps).toContainEqual({ step: 'install-release', p50Seconds: 10, p90Seconds: 14, basedOn: 3 });
    const of = { kind: 'provision', engine: 'medusa', tenantId } as const;
    expect(await records.stores.readDurations(of)).toEqual({ whole: null, steps: [] });
  });
});
