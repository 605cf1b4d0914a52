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

function progress(input: ActivityInput, told: Partial<RecordProgressInput>): RecordProgressInput {
  return { ...input, completed: null, started: null, failed: null, nodes: null, ...told };
}

async function eventTypes(store: StoreRecord): Promise<string[]> {
  return (await records.events(store)).map((event) => event.type);
}

describe('begin', () => {
  test('makes the run the current operation and moves the store', async () => {
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

  test('two attempts at once are one begin', async () => {
    const store = await records.request();
    const input = activityInput(store, 'provision');
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => records.stores.begin(input, NOW)));
    expect(outcomes).toEqual(Array.from({ length: 8 }, () => ({ kind: 'begun' })));
    expect(await eventTypes(store)).toEqual(['store.requested', 'operation.started']);
  });

  test('clears the failure of the run before', async () => {
    const { store, input } = await records.begun();
    await records.stores.end({ ...input, outcome: OUTCOMES.failed }, NOW);
    await records.stores.begin(activityInput(store, 'provision', 'second'), later(1));
    expect(await records.read(store)).toMatchObject({
      status: 'provisioning',
      operation: { failureCode: null, failureEvidence: null, runId: 'second' },
    });
  });

  test('a provision gives way to a delete that was asked for before it, and the store has not moved', async () => {
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
    'a delete begins from %s',
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

  test('a provision never begins on a store that is ready, and an unknown store has no operations', async () => {
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

  test('the run that follows a terminated one takes its place, and what the old one still says is not heard', async () => {
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
  test('one report closes a step and opens the next, once however often it is delivered', async () => {
    const { store, input } = await records.begun();
    await records.stores.recordProgress(progress(input, { started: 'prepare-namespace' }), NOW);
    const report = progress(input, { completed: completed('prepare-namespace'), started: 'ensure-secrets' });
    await Promise.all(Array.from({ length: 6 }, () => records.stores.recordProgress(report, NOW)));
    // An attempt that was given up and ends late does not turn the step back.
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

  test('the cause of a failure is told while the clean-up runs, and once', async () => {
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

  test('nothing is written for a run whose operation has ended', async () => {
    const { store, input } = await records.begun();
    await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
    const before = await records.world(store);
    await records.stores.recordProgress(progress(input, { started: 'verify' }), later(1));
    expect(await records.world(store)).toEqual(before);
  });

  test('what the nodes are is kept once a run has seen them', async () => {
    const { store, input } = await records.begun();
    await records.stores.recordProgress(
      progress(input, { completed: completed('prepare-namespace'), nodes: 'simulated' }),
      NOW,
    );
    await records.stores.recordProgress(progress(input, { started: 'ensure-secrets' }), NOW);
    expect(await records.read(store)).toMatchObject({ nodes: 'simulated', operation: { step: 'ensure-secrets' } });
  });

  test('20 writers at once number the events of a store without a gap', async () => {
    const { store } = await records.begun();
    const key = { tenantId: store.tenantId, storeId: store.id };
    await Promise.all(
      Array.from({ length: 20 }, (_, writer) =>
        records.db.transaction(async (tx) => {
          await lockStore(tx, key);
          const event = { type: 'undo.completed', status: 'provisioning', message: `writer ${writer}` } as const;
          await appendEvents(tx, { ...key, correlationId: 'c', now: NOW }, [
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
