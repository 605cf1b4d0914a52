import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MAX_EQUAL_REPAIRS } from '../../domain/store/repairs.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import { CRASH_LOOP, OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { createReconcileRecords } from './reconcile-records.ts';
import type { StoreRecord } from '../index.ts';
import type { ReconcileRecords } from '../../domain/ports/reconcile-records.ts';

const SERVICE: DriftedObject = { object: 'Service/web', state: 'missing', fields: [], needsPerson: null };

let records: TestRecords;
let reconciler: ReconcileRecords;
beforeAll(async () => {
  records = await openTestRecords();
  reconciler = createReconcileRecords(records.db);
});
afterAll(() => records.drop());

async function ready(): Promise<StoreRecord> {
  const { store, input } = await records.begun();
  await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
  return store;
}

function inspect(
  store: StoreRecord,
  drift: readonly DriftedObject[],
  repaired: readonly DriftedObject[] | null = null,
  seconds = 10,
) {
  return reconciler.recordInspection({ storeId: store.id, drift, repaired }, later(seconds));
}

async function typesOf(store: StoreRecord): Promise<readonly string[]> {
  return (await records.events(store)).map(({ type }) => type);
}

describe('the result of an inspection', () => {
  test('writes one event while it stays the same, and another event when it changes', async () => {
    const store = await ready();
    await inspect(store, [SERVICE]);
    await inspect(store, [SERVICE]);
    expect((await typesOf(store)).filter((type) => type === 'store.drifted')).toHaveLength(1);
    await inspect(store, [{ ...SERVICE, object: 'Deployment/web' }, SERVICE]);
    expect((await typesOf(store)).filter((type) => type === 'store.drifted')).toHaveLength(2);
    expect(await records.read(store)).toMatchObject({ status: 'ready', driftSince: later(10) });
    await inspect(store, [], [SERVICE]);
    expect(await records.read(store)).toMatchObject({ driftSince: null, driftObjects: null });
    expect((await records.events(store)).at(-1)).toMatchObject({ type: 'store.repaired', data: { by: 'platform' } });
  });

  test('writes no event for an object that changes again after each repair, unless a day has passed', async () => {
    const store = await ready();
    const day = 86_400;
    const cycle = async (index: number) => {
      await inspect(store, [SERVICE], null, index * 3_600);
      await inspect(store, [], [SERVICE], index * 3_600 + 10);
    };
    for (let index = 1; index <= MAX_EQUAL_REPAIRS; index += 1) await cycle(index);
    const ofDrift = async () => (await typesOf(store)).filter((type) => /drifted|repaired|condition/.test(type));
    expect(await ofDrift()).toEqual(['store.drifted', 'store.repaired']);
    await inspect(store, [SERVICE], null, 2 * day);
    await inspect(store, [SERVICE], null, 2 * day + 10);
    expect(await ofDrift()).toEqual(['store.drifted', 'store.repaired', 'store.drifted']);
  });

  test('suspends the repairs of an object, names it, and resumes them when it matches its release again', async () => {
    const store = await ready();
    for (let index = 1; index <= MAX_EQUAL_REPAIRS; index += 1) {
      await inspect(store, [SERVICE], null, index * 3_600);
      await inspect(store, [], [SERVICE], index * 3_600 + 10);
    }
    await inspect(store, [SERVICE], null, 9 * 3_600);
    await inspect(store, [SERVICE], null, 10 * 3_600);
    const suspended = { type: 'RepairsSuspended', status: 'True', reason: 'ChangedAgain' };
    const { conditions } = await records.read(store);
    expect(conditions).toMatchObject([{ ...suspended, message: expect.stringContaining('Service/web is missing') }]);
    expect((await typesOf(store)).filter((type) => type === 'condition.changed')).toHaveLength(1);

    await inspect(store, [], null, 11 * 3_600);
    expect(await records.read(store)).toMatchObject({
      repairs: [],
      conditions: [{ type: 'RepairsSuspended', status: 'False', reason: 'ObjectsRestored' }],
    });
  });

  test('writes nothing without drift', async () => {
    const store = await ready();
    const before = await records.world(store);
    await inspect(store, []);
    expect(await records.world(store)).toEqual(before);
  });

  test('writes one event when 6 inspections record it at the same time', async () => {
    const store = await ready();
    await Promise.all(Array.from({ length: 6 }, () => inspect(store, [SERVICE])));
    expect((await typesOf(store)).filter((type) => type === 'store.drifted')).toHaveLength(1);
  });

  test('is ignored for a store with a requested delete, and returns that the delete must start', async () => {
    const store = await ready();
    await records.stores.requestDelete({
      tenantId: store.tenantId,
      storeId: store.id,
      requestedBy: 'tenant',
      correlationId: 'c',
      now: later(1),
    });
    const before = await records.world(store);
    expect(await inspect(store, [SERVICE])).toEqual({ next: 'delete' });
    expect(await reconciler.reconcileStatus(store.id)).toBe('delete');
    expect(await records.world(store)).toEqual(before);
  });
});

describe('the lists of the reconciler', () => {
  test('contain each store once over all pages', async () => {
    const created = [await ready(), await ready(), await ready()];
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await reconciler.listReady({ cluster: 'default', limit: 2, after });
      seen.push(...page.map(({ store }) => store.storeId));
      after = page.at(-1)?.store.storeId;
      if (page.length < 2) break;
    }
    expect(await reconciler.listReady({ cluster: 'other', limit: 2 })).toEqual([]);
    expect(seen).toEqual([...new Set(seen)].toSorted());
    expect(seen).toEqual(expect.arrayContaining(created.map(({ id }) => id)));
  });

  test('contain a running operation until it ends, for its own run only', async () => {
    const { store, input } = await records.begun();
    const [running] = (
      await reconciler.listRunning({ olderThan: later(1), limit: 1_000, scope: 'active', now: later(1) })
    ).filter((operation) => operation.store.storeId === store.id);
    if (running === undefined) throw new Error('the operation is not listed');
    expect(running).toMatchObject({ kind: 'provision', runId: input.run.runId, isCancelRequested: false });
    expect(await reconciler.isStillRunning(running)).toBe(true);
    expect(await reconciler.isStillRunning({ ...running, runId: 'another' })).toBe(false);
    await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
    expect(await reconciler.isStillRunning(running)).toBe(false);
  });
});

describe('the operations that wait', () => {
  const limits = { maxRunning: 1 };
  const inAnHour = later(3_600);

  /** Returns the scope in which the reconciler looks up the run of a store's operation. */
  async function scopeOf(store: StoreRecord, now = later(60)): Promise<readonly string[]> {
    const scopes = ['active', 'waiting'] as const;
    const found = await Promise.all(
      scopes.map((scope) => reconciler.listRunning({ olderThan: later(1_000_000), limit: 1_000, scope, now })),
    );
    return scopes.filter((_, index) => found[index]?.some((each) => each.store.storeId === store.id));
  }

  function command({ tenantId, id: storeId }: StoreRecord) {
    return { tenantId, storeId, requestedBy: 'tenant', correlationId: 'c', now: later(10) };
  }

  test('are queued, until a cancel or a delete is requested', async () => {
    const tenantId = randomUUID();
    const [running, ...queued] = await Promise.all([1, 2, 3].map(() => records.request({ tenantId })));
    const [cancelled, deleted] = queued;
    if (running === undefined || cancelled === undefined || deleted === undefined) throw new Error('unreachable');
    for (const store of [running, cancelled, deleted]) {
      await records.stores.begin(activityInput(store, 'provision', store.id), NOW, limits);
    }
    expect(await Promise.all([running, cancelled, deleted].map((each) => scopeOf(each)))).toEqual([
      ['active'],
      ['waiting'],
      ['waiting'],
    ]);
    await records.stores.requestCancel(command(cancelled));
    await records.stores.requestDelete(command(deleted));
    expect(await Promise.all([cancelled, deleted].map((each) => scopeOf(each)))).toEqual([['active'], ['active']]);
  });

  test('are held, until the hold expires or a cancel is requested', async () => {
    const { store, input } = await records.begun();
    await records.stores.hold({ ...input, failure: CRASH_LOOP }, inAnHour, NOW);
    expect(await scopeOf(store)).toEqual(['waiting']);
    expect(await scopeOf(store, inAnHour)).toEqual(['active']);
    await records.stores.requestCancel(command(store));
    expect(await scopeOf(store)).toEqual(['active']);
  });

  test('are in their undelete window, until it ends or an undelete is requested', async () => {
    const store = await ready();
    await records.stores.requestDelete({ ...command(store), plan: { undeleteWindowSeconds: 3_000 } });
    const input = activityInput(store, 'delete', 'removal');
    await records.stores.begin(input, later(20));
    expect(await scopeOf(store)).toEqual(['active']);
    const progress = { completed: null, started: 'undelete-window', failed: null, nodes: null } as const;
    await records.stores.recordProgress({ ...input, ...progress }, later(30));
    expect(await scopeOf(store)).toEqual(['waiting']);
    expect(await scopeOf(store, inAnHour)).toEqual(['active']);
    await records.stores.requestUndelete(command(store));
    expect(await scopeOf(store)).toEqual(['active']);
  });
});

test('records the removal of leftovers once, without a change of the status', async () => {
  const { store, input } = await records.begun();
  await records.stores.end({ ...input, outcome: OUTCOMES.failed }, NOW);
  const removal = { storeId: store.id, runId: 'cleanup', receipt: { checked: ['Namespace'], removed: [] } };
  await reconciler.recordLeftoversRemoved(removal, later(5));
  expect(await reconciler.recordLeftoversRemoved(removal, later(6))).toEqual({ next: null });
  expect((await typesOf(store)).filter((type) => type === 'leftovers.removed')).toHaveLength(1);
  expect((await records.read(store)).status).toBe('failed');
  expect(await reconciler.recordLeftoversRemoved({ ...removal, storeId: randomUUID() }, NOW)).toEqual({ next: null });
});
