import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { completed, CRASH_LOOP, OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { lockStore } from '../stores/transition.ts';
import { appendEvents } from '../stores/events.ts';
import type { StoreRecord } from '../index.ts';
import type { ActivityInput, RecordProgressInput } from '../../domain/operations/inputs.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 20 });
});
afterAll(() => records.drop());

function progress(input: ActivityInput, report: Partial<RecordProgressInput>): RecordProgressInput {
  return { ...input, completed: null, started: null, failed: null, nodes: null, ...report };
}

function command(store: StoreRecord) {
  return { tenantId: store.tenantId, storeId: store.id, requestedBy: 'tenant', correlationId: 'c', now: NOW };
}

async function eventTypes(store: StoreRecord): Promise<string[]> {
  return (await records.events(store)).map((event) => event.type);
}

describe('begin', () => {
  test('makes the operation of the run the current one and changes the status of the store', async () => {
    const { store, input } = await records.begun();
    expect(await records.read(store)).toMatchObject({
      status: 'provisioning',
      operation: { kind: 'provision', runId: input.run.runId, endedAt: null },
    });
    expect((await records.events(store)).at(-1)).toMatchObject({
      seq: 2,
      type: 'operation.started',
      status: 'provisioning',
      correlationId: 'run-provision-correlation',
    });
  });

  test('is written once when 8 attempts begin at the same time', async () => {
    const store = await records.request();
    const input = activityInput(store, 'provision');
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => records.stores.begin(input, NOW)));
    expect(outcomes).toEqual(Array.from({ length: 8 }, () => ({ kind: 'begun' })));
    expect(await eventTypes(store)).toEqual(['store.requested', 'operation.started']);
  });

  test('clears the failure of the previous run', async () => {
    const { store, input } = await records.begun();
    await records.stores.end({ ...input, outcome: OUTCOMES.failed }, NOW);
    await records.stores.begin(activityInput(store, 'provision', 'second'), later(1));
    expect(await records.read(store)).toMatchObject({
      status: 'provisioning',
      operation: { failureCode: null, failureEvidence: null, runId: 'second' },
    });
  });

  test('of a provision changes nothing after a delete was requested, and the run continues as the delete', async () => {
    const store = await records.request();
    await records.stores.requestDelete({
      ...activityInput(store, 'delete').store,
      requestedBy: 'tenant',
      correlationId: 'c',
      now: NOW,
    });
    const before = await records.world(store);
    expect(await records.stores.begin(activityInput(store, 'provision'), later(1))).toEqual({ kind: 'superseded' });
    expect(await records.world(store)).toEqual(before);
    expect(await records.stores.begin(activityInput(store, 'delete', 'run-provision'), later(2))).toEqual({
      kind: 'begun',
    });
    expect(await records.read(store)).toMatchObject({ status: 'deleting', operation: { kind: 'delete' } });
  });

  test.each(['requested', 'ready', 'failed', 'cancelled', 'provisioning'] as const)(
    'of a delete is allowed in status %s',
    async (status) => {
      const store = await records.request();
      const provision = activityInput(store, 'provision');
      if (status !== 'requested') await records.stores.begin(provision, NOW);
      if (status !== 'requested' && status !== 'provisioning') {
        await records.stores.end({ ...provision, outcome: OUTCOMES[status] }, NOW);
      }
      await records.stores.begin(activityInput(store, 'delete'), later(1));
      expect(await records.read(store)).toMatchObject({
        status: 'deleting',
        deleteRequestedAt: later(1),
        operation: { failureCode: null },
      });
    },
  );

  test('of a provision is refused for a ready store, and every begin is refused for an unknown store', async () => {
    const { store, input } = await records.begun();
    await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
    const before = await records.world(store);
    const second = activityInput(store, 'provision', 'second');
    await expect(records.stores.begin(second, later(1))).rejects.toMatchObject({ code: 'INVALID_STATE' });
    expect(await records.world(store)).toEqual(before);
    const unknown = { ...input, store: { ...input.store, storeId: '00000000-0000-4000-8000-000000000000' } };
    await expect(records.stores.begin(unknown, NOW)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
    const foreign = { ...input, store: { ...input.store, tenantId: 'stranger' } };
    await expect(records.stores.begin(foreign, NOW)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
  });

  test.each(['first', 'retried'] as const)(
    'ends a %s provision that was cancelled before its run, without a step',
    async (which) => {
      const store = await records.request({ tenantId: `cancelled-${which}` });
      if (which === 'retried') {
        const first = activityInput(store, 'provision', 'first');
        await records.stores.begin(first, NOW);
        await records.stores.end({ ...first, outcome: OUTCOMES.failed }, NOW);
        await records.stores.requestOperation({ ...command(store), action: 'retry', now: later(1) });
      }
      await records.stores.requestCancel(command(store));
      const input = activityInput(store, 'provision', 'late');
      for (let time = 0; time < 2; time += 1) {
        expect(await records.stores.begin(input, later(2))).toEqual({ kind: 'cancelled' });
      }
      expect(await records.read(store)).toMatchObject({
        status: 'cancelled',
        pending: null,
        operation: { status: 'cancelled', runId: 'late', endedAt: later(2), cancelRequestedAt: null },
      });
      expect((await eventTypes(store)).slice(-2)).toEqual(['operation.started', 'store.cancelled']);
      expect(await records.stores.requestOperation({ ...command(store), action: 'retry' })).toMatchObject({
        kind: 'accepted',
      });
    },
  );

  test('of a run that follows a terminated one adopts the operation, and later writes of the old run are ignored', async () => {
    const { store, input: old } = await records.begun();
    const successor = activityInput(store, 'provision', 'successor');
    expect(await records.stores.begin(successor, later(1))).toEqual({ kind: 'begun' });
    const before = await records.world(store);
    expect(before.record).toMatchObject({ status: 'provisioning', operation: { runId: 'successor' } });
    await records.stores.begin(old, later(2));
    await records.stores.recordProgress(progress(old, { started: 'verify' }), later(2));
    await expect(records.stores.end({ ...old, outcome: OUTCOMES.failed }, later(2))).rejects.toMatchObject({
      code: 'INVALID_STATE',
    });
    expect(await records.world(store)).toEqual(before);
  });
});

describe('progress', () => {
  test('ends a step and starts the next once, also when the report is delivered several times', async () => {
    const { store, input } = await records.begun();
    await records.stores.recordProgress(progress(input, { started: 'prepare-namespace' }), NOW);
    const report = progress(input, { completed: completed('prepare-namespace'), started: 'ensure-secrets' });
    await Promise.all(Array.from({ length: 6 }, () => records.stores.recordProgress(report, NOW)));
    // A late report of an abandoned attempt does not change the step back.
    await records.stores.recordProgress(progress(input, { started: 'prepare-namespace' }), later(1));
    expect(await records.read(store)).toMatchObject({ updatedAt: NOW, operation: { step: 'ensure-secrets' } });
    expect(
      (await records.events(store)).slice(2).map(({ seq, type, step, data }) => ({ seq, type, step, data })),
    ).toEqual([
      { seq: 3, type: 'step.started', step: 'prepare-namespace', data: {} },
      { seq: 4, type: 'step.completed', step: 'prepare-namespace', data: { durationMs: 12, pods: 3 } },
      { seq: 5, type: 'step.started', step: 'ensure-secrets', data: {} },
    ]);
  });

  test('records the cause of a failure once, while the undo still runs', async () => {
    const { store, input } = await records.begun();
    await records.stores.recordProgress(progress(input, { started: 'await-ready' }), NOW);
    await records.stores.recordProgress(progress(input, { failed: CRASH_LOOP }), NOW);
    expect((await eventTypes(store)).slice(-2)).toEqual(['step.failed', 'undo.started']);
    expect(await records.read(store)).toMatchObject({ status: 'provisioning' });
    await records.stores.end({ ...input, outcome: OUTCOMES.failed }, NOW);
    expect((await eventTypes(store)).slice(-5)).toEqual([
      'step.failed',
      'undo.started',
      'undo.completed',
      'undo.failed',
      'store.failed',
    ]);
  });

  test('writes nothing for a run whose operation has ended', async () => {
    const { store, input } = await records.begun();
    await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
    const before = await records.world(store);
    await records.stores.recordProgress(progress(input, { started: 'verify' }), later(1));
    expect(await records.world(store)).toEqual(before);
  });

  test('keeps the kind of the nodes after a run has reported it', async () => {
    const { store, input } = await records.begun();
    await records.stores.recordProgress(
      progress(input, { completed: completed('prepare-namespace'), nodes: 'simulated' }),
      NOW,
    );
    await records.stores.recordProgress(progress(input, { started: 'ensure-secrets' }), NOW);
    expect(await records.read(store)).toMatchObject({ nodes: 'simulated', operation: { step: 'ensure-secrets' } });
  });

  test('numbers the events of 20 concurrent writers without a gap', async () => {
    const { store } = await records.begun();
    const key = { tenantId: store.tenantId, storeId: store.id };
    await Promise.all(
      Array.from({ length: 20 }, (_, writer) =>
        records.db.transaction(async (tx) => {
          await lockStore(tx, key);
          const event = { type: 'undo.completed', status: 'provisioning', message: `writer ${writer}` } as const;
          await appendEvents(tx, { ...key, correlationId: 'c', operationId: null, now: NOW }, [
            { ...event, dedupeKey: null },
            { ...event, dedupeKey: `writer ${writer % 5}` },
          ]);
        }),
      ),
    );
    const events = await records.events(store);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 2 + 20 + 5 }, (_, index) => index + 1));
    expect(await records.read(store)).toMatchObject({ lastSeq: events.length });
  });
});
