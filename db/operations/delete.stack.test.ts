import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { DeletePlan } from '../../domain/store/status.ts';
import type { StoreRecord } from '../index.ts';
import type { Step } from '../../domain/operations/catalogue.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 20 });
});
afterAll(() => records.drop());

const WINDOW: Partial<DeletePlan> = { undeleteWindowSeconds: 60 };

function command(store: StoreRecord, seconds = 1) {
  const { tenantId, id: storeId } = store;
  return { tenantId, storeId, requestedBy: 'tenant', correlationId: 'c', now: later(seconds) };
}

async function eventTypes(store: StoreRecord): Promise<string[]> {
  return (await records.events(store)).map((event) => event.type);
}

async function readyStore(seed: Parameters<TestRecords['request']>[0] = {}): Promise<StoreRecord> {
  const store = await records.request(seed);
  const input = activityInput(store, 'provision');
  await records.stores.begin(input, NOW);
  await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
  return records.read(store);
}

function start(input: ActivityInput, step: Step, seconds: number) {
  const progress = { completed: null, started: step, failed: null, nodes: null };
  return records.stores.recordProgress({ ...input, ...progress }, later(seconds));
}

/** Returns a ready store whose delete is in its undelete window, and the input of the run of that delete. */
async function inWindow(seed: Parameters<TestRecords['request']>[0] = {}, plan: Partial<DeletePlan> = WINDOW) {
  const store = await readyStore(seed);
  await records.stores.requestDelete({ ...command(store, 0), plan });
  const input = activityInput(store, 'delete', 'removal');
  await records.stores.begin(input, NOW);
  await start(input, 'undelete-window', 0);
  return { store, input };
}

describe('the plan of a delete', () => {
  async function planned(store: StoreRecord) {
    const plan = { undeleteWindowSeconds: 60, volumes: 'keep' } as const;
    const key = { tenantId: store.tenantId, storeId: store.id };
    await records.stores.requestDelete({ ...key, requestedBy: 'tenant', correlationId: 'c', now: NOW, plan });
    return activityInput(await records.read(store), 'delete');
  }

  test('is returned to the run at each begin', async () => {
    const input = await planned(await readyStore());
    const begun = { kind: 'begun', deletion: { undeleteWindowSeconds: 60, volumes: 'keep' } };
    expect(await records.stores.begin(input, NOW)).toEqual(begun);
    expect(await records.stores.begin(input, NOW)).toEqual(begun);
  });

  test('has no undelete window for a store that never was ready', async () => {
    const input = await planned(await records.request());
    expect(await records.stores.begin(input, NOW)).toEqual({
      kind: 'begun',
      deletion: { undeleteWindowSeconds: 0, volumes: 'keep' },
    });
  });

  test('sets the end of the undelete window, which is over when data gets lost', async () => {
    const store = await readyStore();
    const input = await planned(store);
    await records.stores.begin(input, NOW);
    const progress = { ...input, completed: null, failed: null, nodes: null };
    await records.stores.recordProgress({ ...progress, started: 'undelete-window' }, NOW);
    expect((await records.read(store)).operation.undeleteUntil).toEqual(later(60));
    await records.stores.recordProgress({ ...progress, started: 'delete-namespace' }, later(30));
    expect((await records.read(store)).operation.undeleteUntil).toEqual(later(30));
  });

  test('is undone once, and the provision that follows knows that the store has data', async () => {
    const store = await readyStore();
    const input = await planned(store);
    await records.stores.begin(input, NOW);
    await Promise.all(Array.from({ length: 8 }, () => records.stores.undoDelete(input, later(1))));
    expect((await eventTypes(store)).filter((type) => type === 'delete.undone')).toHaveLength(1);
    expect(await records.read(store)).toMatchObject({ deleteRequestedAt: null, operation: { status: 'cancelled' } });
    const next = activityInput(await records.read(store), 'provision', 'undelete');
    expect(next.store.hasData).toBe(true);
    expect(await records.stores.begin(next, later(2))).toEqual({ kind: 'begun' });
    expect(await records.read(store)).toMatchObject({ status: 'provisioning', operation: { kind: 'provision' } });
    await records.stores.end({ ...next, outcome: OUTCOMES.ready }, later(3));
    expect(await records.read(store)).toMatchObject({ status: 'ready' });
  });

  test('has no undelete window in a retry of a failed delete, because data may be lost already', async () => {
    const store = await readyStore();
    const input = await planned(store);
    await records.stores.begin(input, NOW);
    await records.stores.end({ ...input, outcome: OUTCOMES.failed }, NOW);
    await records.stores.requestOperation({
      action: 'retry',
      tenantId: store.tenantId,
      storeId: store.id,
      requestedBy: 'tenant',
      correlationId: 'c',
      now: NOW,
    });
    expect(await records.stores.begin(activityInput(store, 'delete', 'again'), NOW)).toMatchObject({
      deletion: { undeleteWindowSeconds: 0 },
    });
  });

  test('does not change the volume policy of the store, so a delete after an undelete follows that policy', async () => {
    const { store, input } = await inWindow({ volumePolicy: 'keep' }, { ...WINDOW, volumes: 'delete' });
    expect(await records.stores.begin(input, NOW)).toMatchObject({ deletion: { volumes: 'delete' } });
    await records.stores.requestUndelete(command(store));
    await records.stores.undoDelete(input, later(2));
    const provision = activityInput(store, 'provision', 'restore');
    await records.stores.begin(provision, later(3));
    await records.stores.end({ ...provision, outcome: OUTCOMES.ready }, later(4));
    expect(await records.read(store)).toMatchObject({ status: 'ready', volumePolicy: 'keep' });
    await records.stores.requestDelete(command(store, 5));
    expect(await records.stores.begin(activityInput(store, 'delete', 'second'), later(6))).toEqual({
      kind: 'begun',
      deletion: { undeleteWindowSeconds: 0, volumes: 'keep' },
    });
  });

  test('is kept by a retry of the delete, except for the undelete window', async () => {
    const { store, input } = await inWindow({}, { ...WINDOW, volumes: { keepForDays: 7 } });
    await start(input, 'delete-namespace', 61);
    await records.stores.end({ ...input, outcome: OUTCOMES.failed }, later(62));
    await records.stores.requestOperation({ ...command(store, 63), action: 'retry' });
    expect(await records.stores.begin(activityInput(store, 'delete', 'again'), later(64))).toEqual({
      kind: 'begun',
      deletion: { undeleteWindowSeconds: 0, volumes: { keepForDays: 7 } },
    });
  });

  test('has no undelete window in a new request after a delete that failed when its window was over', async () => {
    const { store, input } = await inWindow();
    await start(input, 'delete-namespace', 61);
    await records.stores.end({ ...input, outcome: OUTCOMES.failed }, later(62));
    await records.stores.requestDelete({ ...command(store, 63), plan: WINDOW });
    expect(await records.stores.begin(activityInput(store, 'delete', 'again'), later(64))).toEqual({ kind: 'begun' });
  });
});

describe('the undelete window of a delete whose run was lost', () => {
  test('continues in the next run until the time that callers have seen', async () => {
    const { store } = await inWindow();
    const next = activityInput(store, 'delete', 'successor');
    expect(await records.stores.begin(next, later(20))).toMatchObject({ deletion: { undeleteWindowSeconds: 40 } });
    await start(next, 'uninstall-release', 21);
    await start(next, 'undelete-window', 22);
    expect((await records.read(store)).operation.undeleteUntil).toEqual(later(60));
  });

  test.each(['delete-namespace', 'await-absence'] as const)(
    'does not open again after the step %s started, also not after two lost runs',
    async (step) => {
      const { store, input } = await inWindow();
      // The clock of this worker is slow: for it, the window is still open.
      await start(input, 'delete-namespace', 50);
      if (step === 'await-absence') await start(input, 'await-absence', 51);
      for (const runId of ['second', 'third']) {
        const next = activityInput(store, 'delete', runId);
        expect(await records.stores.begin(next, later(55))).toEqual({ kind: 'begun' });
        await start(next, 'uninstall-release', 56);
      }
      expect(await records.stores.requestUndelete(command(store, 57))).toMatchObject({ kind: 'refused' });
    },
  );
});

describe('an undelete', () => {
  test('that is accepted stops the delete before its next step', async () => {
    const { store, input } = await inWindow();
    const accepted = await Promise.all(
      Array.from({ length: 8 }, () => records.stores.requestUndelete(command(store, 59))),
    );
    expect(accepted.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect((await eventTypes(store)).filter((type) => type === 'undelete.requested')).toHaveLength(1);
    expect(await start(input, 'delete-namespace', 61)).toEqual({ next: 'undelete' });
    expect(await eventTypes(store)).not.toContain('undo.started');
    expect(await records.read(store)).toMatchObject({ operation: { step: 'undelete-window' } });
    await records.stores.undoDelete(input, later(62));
    expect(await records.read(store)).toMatchObject({ pending: { kind: 'provision' }, deleteRequestedAt: null });
  });

  test('is refused after the write that starts to delete data', async () => {
    const { store, input } = await inWindow();
    expect(await start(input, 'delete-namespace', 61)).toEqual({});
    expect(await records.stores.requestUndelete(command(store, 62))).toMatchObject({ kind: 'refused' });
  });

  test('is either accepted or too late when it is requested while the window ends', async () => {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const { store, input } = await inWindow();
      const [undelete, progress] = await Promise.all([
        records.stores.requestUndelete(command(store, 60)),
        start(input, 'delete-namespace', 60),
      ]);
      expect(progress).toEqual(undelete.kind === 'accepted' ? { next: 'undelete' } : {});
    }
  });

  test('is carried out by the next run when the run of the delete was lost', async () => {
    const { store } = await inWindow();
    await records.stores.requestUndelete(command(store, 10));
    const next = activityInput(store, 'delete', 'successor');
    await records.stores.begin(next, later(20));
    expect(await start(next, 'uninstall-release', 21)).toEqual({ next: 'undelete' });
  });

  test('gives way to a delete that is requested after it', async () => {
    const { store, input } = await inWindow();
    await records.stores.requestUndelete(command(store, 10));
    for (let time = 0; time < 2; time += 1) {
      expect(await records.stores.requestDelete(command(store, 11))).toMatchObject({
        kind: 'accepted',
        operation: { kind: 'delete', status: 'requested' },
      });
    }
    await records.stores.undoDelete(input, later(12));
    const run = activityInput(store, 'provision', 'restore');
    expect(await records.stores.begin(run, later(13))).toEqual({ kind: 'superseded' });
    expect(await records.stores.begin(activityInput(store, 'delete', 'restore'), later(14))).toEqual({ kind: 'begun' });
    expect(await records.read(store)).toMatchObject({ status: 'deleting', pending: null });
  });
});
