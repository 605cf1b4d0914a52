import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CRASH_LOOP, OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { OperationRecord, StoreRecord } from '../index.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 20 });
});
afterAll(() => records.drop());

function command(store: StoreRecord, seconds = 1) {
  const { tenantId, id: storeId } = store;
  return { tenantId, storeId, requestedBy: 'tenant', correlationId: 'command', now: later(seconds) };
}

/** The operations of a store, oldest first. */
async function history({ tenantId, id: storeId }: StoreRecord): Promise<readonly OperationRecord[]> {
  const page = await records.stores.listOperations({ tenantId, storeId, limit: 100, offset: 0 });
  return page?.operations.toReversed() ?? [];
}

describe('the operations of a store', () => {
  test('keep the facts of each operation when the next one begins', async () => {
    const { store, input } = await records.begun();
    await records.stores.end({ ...input, outcome: OUTCOMES.failed }, later(1));
    await records.stores.requestOperation({ ...command(store, 2), action: 'retry' });
    await records.stores.begin(activityInput(store, 'provision', 'second'), later(3));
    await records.stores.end({ ...activityInput(store, 'provision', 'second'), outcome: OUTCOMES.ready }, later(4));
    expect(await history(store)).toMatchObject([
      {
        kind: 'provision',
        status: 'failed',
        runId: input.run.runId,
        idempotencyKey: store.idempotencyKey,
        failureCode: CRASH_LOOP.code,
        requestedAt: NOW,
        startedAt: NOW,
        endedAt: later(1),
      },
      {
        kind: 'provision',
        status: 'succeeded',
        runId: 'second',
        idempotencyKey: null,
        failureCode: null,
        requestedAt: later(2),
        startedAt: later(3),
        endedAt: later(4),
      },
    ]);
  });

  test('show a requested delete beside the provision that still runs, and the delete keeps its own row', async () => {
    const { store, input } = await records.begun();
    const accepted = await records.stores.requestDelete(command(store));
    expect(await history(store)).toMatchObject([
      { kind: 'provision', status: 'running' },
      { kind: 'delete', status: 'requested', runId: null },
    ]);
    await records.stores.end({ ...input, outcome: OUTCOMES.cancelled }, later(2));
    await records.stores.begin(activityInput(store, 'delete', input.run.runId), later(3));
    const [provision, removal] = await history(store);
    expect(provision).toMatchObject({ status: 'cancelled', endedAt: later(2) });
    expect(removal).toMatchObject({ status: 'running', runId: input.run.runId, startedAt: later(3) });
    expect(accepted).toMatchObject({ operation: { id: removal?.id } });
  });

  test.each(['before its run begins', 'after its run was lost'] as const)(
    'end a provision as superseded when a delete takes its place %s',
    async (moment) => {
      const store = await records.request();
      if (moment === 'after its run was lost') await records.stores.begin(activityInput(store, 'provision'), NOW);
      await records.stores.requestDelete(command(store));
      await records.stores.begin(activityInput(store, 'delete', 'removal'), later(2));
      expect(await history(store)).toMatchObject([
        { kind: 'provision', status: 'superseded' },
        { kind: 'delete', status: 'running' },
      ]);
    },
  );

  test('have one row for a run and the run that adopts its operation', async () => {
    const { store } = await records.begun();
    await records.stores.begin(activityInput(store, 'provision', 'successor'), later(1));
    expect(await history(store)).toMatchObject([{ status: 'running', runId: 'successor', startedAt: NOW }]);
  });

  test('record an operation that was started without a request as requested by the platform', async () => {
    const store = await records.request();
    await records.stores.begin(activityInput(store, 'delete'), later(1));
    expect((await history(store)).at(-1)).toMatchObject({ kind: 'delete', requestedBy: 'platform' });
  });

  test('of another tenant are not found', async () => {
    const store = await records.request();
    const { id: storeId, operation } = store;
    const stranger = { tenantId: 'stranger' };
    expect(await records.stores.listOperations({ ...stranger, storeId, limit: 1, offset: 0 })).toBeUndefined();
    expect(await records.stores.getOperation({ ...stranger, operationId: operation.id })).toBeUndefined();
  });
});

test('ends an undone delete as cancelled and requests the provision that follows it', async () => {
  const { store, input } = await records.begun();
  await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
  const plan = { undeleteWindowSeconds: 60 };
  await records.stores.requestDelete({ ...command(store), plan });
  const removal = activityInput(store, 'delete', 'removal');
  await records.stores.begin(removal, later(2));
  await records.stores.undoDelete(removal, later(3));
  expect((await history(store)).slice(1)).toMatchObject([
    { kind: 'delete', status: 'cancelled', endedAt: later(3) },
    { kind: 'provision', status: 'requested', requestedBy: 'tenant' },
  ]);
  // If the run is lost here, the reconciler starts the provision.
  const unstarted = await records.stores.listUnstarted({ olderThan: later(60), limit: 100 });
  expect(unstarted.map(({ store: { storeId }, kind }) => ({ storeId, kind }))).toContainEqual({
    storeId: store.id,
    kind: 'provision',
  });
});
