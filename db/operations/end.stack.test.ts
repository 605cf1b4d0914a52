import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CRASH_LOOP, NOTHING_UNDONE, OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { StoreRecord } from '../index.ts';
import type { OperationOutcome } from '../../domain/operations/outcomes.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 20 });
});
afterAll(() => records.drop());

function command(store: StoreRecord) {
  return { tenantId: store.tenantId, storeId: store.id, requestedBy: 'tenant', correlationId: 'command', now: NOW };
}

describe('end', () => {
  test.each(['ready', 'failed', 'cancelled', 'deleted'] as const)(
    'as %s is written once when attempts repeat it at the same time and later',
    async (kind) => {
      const tenantId = `end-${kind}`;
      const { store, input } = await records.begun(kind === 'deleted' ? 'delete' : 'provision', tenantId);
      const end = { ...input, outcome: OUTCOMES[kind] };
      const results = await Promise.all(Array.from({ length: 6 }, () => records.stores.end(end, later(1))));
      expect(results).toEqual(Array.from({ length: 6 }, () => ({ next: null })));
      const world = await records.world(store);
      expect(world.record).toMatchObject({
        status: kind,
        lastSeq: world.events.length,
        operation: { endedAt: later(1) },
      });
      expect(world.events.at(-1)).toMatchObject({ type: `store.${kind}`, status: kind });
      expect(world.liveStores).toBe(kind === 'deleted' ? 0 : 1);
      expect(await records.stores.end(end, later(2))).toEqual({ next: null });
      expect(await records.world(store)).toEqual(world);
    },
  );

  test('records the facts of the outcome', async () => {
    const ready = await records.begun();
    await records.stores.end({ ...ready.input, outcome: OUTCOMES.ready }, later(1));
    expect(await records.read(ready.store)).toMatchObject({
      readyAt: later(1),
      verification: OUTCOMES.ready.verification,
      operation: { step: null },
    });
    const failed = await records.begun();
    await records.stores.end({ ...failed.input, outcome: OUTCOMES.failed }, later(1));
    expect(await records.read(failed.store)).toMatchObject({
      operation: {
        failureCode: 'CRASH_LOOP',
        failureMessage: 'web keeps crashing',
        failureStep: 'await-ready',
        failureEvidence: { object: 'Pod/web' },
      },
    });
    const deleted = await records.begun('delete');
    await records.stores.end({ ...deleted.input, outcome: OUTCOMES.deleted }, later(1));
    expect(await records.read(deleted.store)).toMatchObject({ deletedAt: later(1) });
    expect((await records.events(deleted.store)).at(-1)?.data).toEqual({ receipt: OUTCOMES.deleted.receipt });
  });

  test.each(['ready', 'failed', 'cancelled'] as const)(
    'as %s continues as the delete that was requested while the provision ran',
    async (kind) => {
      const { store, input } = await records.begun();
      await records.stores.requestDelete(command(store));
      for (let time = 0; time < 2; time += 1) {
        expect(await records.stores.end({ ...input, outcome: OUTCOMES[kind] }, NOW)).toEqual({ next: 'delete' });
      }
      expect(await records.read(store)).toMatchObject({ status: kind });
      await records.stores.begin(activityInput(store, 'delete'), NOW);
      expect(await records.read(store)).toMatchObject({ status: 'deleting' });
    },
  );

  test('as ready writes nothing after a cancel was accepted, and returns that the run must undo its steps', async () => {
    const { store, input } = await records.begun();
    await records.stores.requestCancel(command(store));
    const before = await records.world(store);
    for (let time = 0; time < 2; time += 1) {
      expect(await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW)).toEqual({ next: 'cancel' });
    }
    expect(await records.world(store)).toEqual(before);
    expect(await records.stores.end({ ...input, outcome: OUTCOMES.cancelled }, NOW)).toEqual({ next: null });
    expect(await records.read(store)).toMatchObject({ status: 'cancelled', operation: { cancelRequestedAt: null } });
  });

  test('as ready is final: a later cancel is refused', async () => {
    const { store, input } = await records.begun();
    await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
    expect(await records.stores.requestCancel(command(store))).toMatchObject({ kind: 'refused' });
    expect(await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW)).toEqual({ next: null });
    expect(await records.read(store)).toMatchObject({ status: 'ready' });
  });

  test('as cancelled is allowed for a run that was cancelled before it began', async () => {
    const store = await records.request();
    const input = activityInput(store, 'provision');
    const outcome = { kind: 'cancelled', step: null, undo: NOTHING_UNDONE } as const;
    expect(await records.stores.end({ ...input, outcome }, NOW)).toEqual({ next: null });
    expect(await records.read(store)).toMatchObject({ status: 'cancelled', operation: { runId: input.run.runId } });
  });

  test('of a delete as failed leaves a failed store, a delete operation and no requested delete', async () => {
    const { store, input } = await records.begun('delete');
    const failure = { ...CRASH_LOOP, code: 'ABSENCE_UNPROVEN', step: 'await-absence' } as const;
    await records.stores.end({ ...input, outcome: { kind: 'failed', failure, undo: NOTHING_UNDONE } }, NOW);
    expect(await records.read(store)).toMatchObject({
      status: 'failed',
      deleteRequestedAt: null,
      operation: { kind: 'delete', failureCode: 'ABSENCE_UNPROVEN' },
    });
  });

  test('with an outcome that the status does not allow is refused and changes nothing', async () => {
    const { store, input } = await records.begun();
    const before = await records.world(store);
    await expect(records.stores.end({ ...input, outcome: OUTCOMES.deleted }, NOW)).rejects.toMatchObject({
      code: 'INVALID_STATE',
    });
    expect(await records.world(store)).toEqual(before);
  });

  test('records a message that was cut in the middle of a character or contains a NUL', async () => {
    const { store, input } = await records.begun();
    const failure = { ...CRASH_LOOP, message: 'a\0b 🙂'.slice(0, 5), evidence: { logLines: ['c\0d', '🙂'.slice(1)] } };
    await records.stores.end({ ...input, outcome: { kind: 'failed', failure, undo: NOTHING_UNDONE } }, NOW);
    expect(await records.read(store)).toMatchObject({
      operation: { failureMessage: 'a\uFFFDb \uFFFD', failureEvidence: { logLines: ['c\uFFFDd', '\uFFFD'] } },
    });
  });
});

describe('operations that no run has taken up', () => {
  test('are listed page by page: provisions, retries and deletes, but none that runs, has ended or is new', async () => {
    const own = await openTestRecords();
    try {
      const end = async (outcome: OperationOutcome) => {
        const store = await own.request();
        await own.stores.begin(activityInput(store, 'provision'), NOW);
        await own.stores.end({ ...activityInput(store, 'provision'), outcome }, NOW);
        return store;
      };
      const requested = await own.request();
      const retried = await end(OUTCOMES.failed);
      await own.stores.requestOperation({ ...command(retried), action: 'retry' });
      const requestedWithDelete = await own.request();
      await own.stores.requestDelete(command(requestedWithDelete));
      const readyWithDelete = await end(OUTCOMES.ready);
      await own.stores.requestDelete(command(readyWithDelete));
      await end(OUTCOMES.ready);
      await end(OUTCOMES.failed);
      await own.request({ now: later(60) });
      const running = await own.request();
      await own.stores.begin(activityInput(running, 'provision'), NOW);
      await own.stores.requestDelete(command(running));
      await own.stores.begin(activityInput(await own.request(), 'delete'), NOW);

      const found = [];
      let after: string | undefined;
      for (;;) {
        const page = await own.stores.listUnstarted({ olderThan: later(30), limit: 3, after });
        found.push(...page.map(({ store, kind }) => ({ id: store.storeId, kind })));
        after = page.at(-1)?.store.storeId;
        if (after === undefined) break;
      }
      const expected = [
        { id: requested.id, kind: 'provision' },
        { id: retried.id, kind: 'provision' },
        { id: requestedWithDelete.id, kind: 'delete' },
        { id: readyWithDelete.id, kind: 'delete' },
      ];
      expect(found).toEqual(expected.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    } finally {
      await own.drop();
    }
  });
});
