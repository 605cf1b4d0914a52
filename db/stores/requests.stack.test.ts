import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OUTCOMES } from '../../test/factories/outcomes.ts';
import {
  activityInput,
  createInput,
  later,
  NOW,
  openTestRecords,
  type TestRecords,
} from '../../test/factories/store-records.ts';
import type { StoreCursor } from '../../domain/store/list-order.ts';
import { versionOf, type StoreListQuery, type StoreRecord } from '../index.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 20 });
});
afterAll(() => records.drop());

function command(store: StoreRecord, seconds = 1) {
  return {
    tenantId: store.tenantId,
    storeId: store.id,
    requestedBy: 'tenant',
    correlationId: 'command',
    now: later(seconds),
  };
}

async function eventTypes(store: StoreRecord): Promise<string[]> {
  return (await records.events(store)).map((event) => event.type);
}

/** Returns a store whose provision failed or was cancelled. */
async function ended(kind: 'failed' | 'cancelled'): Promise<StoreRecord> {
  const { store, input } = await records.begun();
  await records.stores.end({ ...input, outcome: OUTCOMES[kind] }, NOW);
  return records.read(store);
}

/** Returns a deleted store. */
async function deleted(seed: Parameters<typeof createInput>[0] = {}): Promise<StoreRecord> {
  const store = await records.request(seed);
  const removal = activityInput(store, 'delete');
  await records.stores.begin(removal, NOW);
  await records.stores.end({ ...removal, outcome: OUTCOMES.deleted }, NOW);
  return records.read(store);
}

describe('create', () => {
  test('records the store, its pending provision and its first event', async () => {
    const input = createInput();
    const created = await records.stores.create(input);
    expect(created).toMatchObject({
      kind: 'created',
      store: { id: input.id, status: 'requested', nodes: 'unknown', operation: { kind: 'provision', runId: null } },
    });
    const { operationId } = input;
    expect(created).toEqual({
      kind: 'created',
      store: await records.stores.get({ tenantId: 'tenant', storeId: input.id }),
      operation: await records.stores.getOperation({ tenantId: 'tenant', operationId }),
    });
    expect(await records.stores.listEvents({ tenantId: 'tenant', storeId: input.id, limit: 10 })).toEqual({
      hasMore: false,
      events: [
        {
          seq: 1,
          type: 'store.requested',
          step: null,
          status: 'requested',
          message: 'A woocommerce store was requested',
          data: {},
          correlationId: 'correlation',
          operationId,
          at: NOW.toISOString(),
        },
      ],
    });
  });

  test('creates one store for 20 equal requests at the same time, and replays it to 19 of them', async () => {
    const input = createInput({ tenantId: 'equal' });
    const results = await Promise.all(Array.from({ length: 20 }, () => records.stores.create(input)));
    expect(results.filter((result) => result.kind === 'created')).toHaveLength(1);
    expect(results.filter((result) => result.kind === 'replayed' && result.store.id === input.id)).toHaveLength(19);
    expect((await records.stores.list({ tenantId: 'equal', limit: 10 })).stores).toHaveLength(1);
    const [result] = results;
    if (result?.kind !== 'created' && result?.kind !== 'replayed') throw new Error('unreachable: all have a store');
    expect(await records.world(result.store)).toMatchObject({ liveStores: 1, events: [{ seq: 1 }] });
  });

  test('refuses a key that was used for a different request, and accepts it from another tenant', async () => {
    const store = await records.request();
    const again = { idempotencyKey: store.idempotencyKey, requestHash: 'another' };
    expect(await records.stores.create(createInput(again))).toEqual({ kind: 'keyReused' });
    expect(await records.stores.create(createInput({ ...again, tenantId: 'other' }))).toMatchObject({
      kind: 'created',
    });
  });

  test('creates exactly 10 stores, and never more, for 50 concurrent requests with a quota of 10', async () => {
    const creates = Array.from({ length: 50 }, () =>
      records.stores.create(createInput({ tenantId: 'crowd', maxStores: 10 })),
    );
    const done = new AbortController();
    const counts: number[] = [];
    const watching = (async () => {
      while (!done.signal.aborted)
        counts.push((await records.stores.list({ tenantId: 'crowd', limit: 100 })).stores.length);
    })();
    const results = await Promise.all(creates);
    done.abort();
    await watching;
    expect(results.filter((result) => result.kind === 'created')).toHaveLength(10);
    expect(results).toContainEqual({ kind: 'quotaExceeded', limit: 10, live: 10 });
    expect(Math.max(...counts)).toBeLessThanOrEqual(10);
    expect(await records.stores.list({ tenantId: 'crowd', limit: 1, isCounted: true })).toMatchObject({ total: 10 });
  });

  test('replays an earlier request when the quota is full, and a deleted store frees its place', async () => {
    const first = createInput({ tenantId: 'full', maxStores: 1 });
    await records.stores.create(first);
    expect(await records.stores.create(createInput({ tenantId: 'full', maxStores: 1 }))).toMatchObject({
      kind: 'quotaExceeded',
    });
    expect(await records.stores.create(first)).toMatchObject({ kind: 'replayed' });
    await deleted({ tenantId: 'roomy', maxStores: 1 });
    expect(await records.stores.create(createInput({ tenantId: 'roomy', maxStores: 1 }))).toMatchObject({
      kind: 'created',
    });
  });

  test('says that another store has the namespace, and takes no place in the quota', async () => {
    const tenantId = 'namespace-taken';
    const { namespace } = await records.request({ tenantId });
    const input = createInput({ namespace, tenantId, maxStores: 2 });
    expect(await records.stores.create(input)).toEqual({ kind: 'namespaceTaken', namespace });
    const other = createInput({ tenantId, maxStores: 2 });
    expect(await records.stores.create(other)).toMatchObject({ kind: 'created' });
  });
});

describe('reading', () => {
  test('does not read, list or change a store of another tenant', async () => {
    const store = await records.request({ tenantId: 'owner' });
    const foreign = { ...command(store), tenantId: 'stranger' };
    expect(await records.stores.get(foreign)).toBeUndefined();
    expect(await records.stores.listEvents({ ...foreign, limit: 1 })).toBeUndefined();
    expect(await records.stores.list({ tenantId: 'stranger', limit: 10, isCounted: true })).toEqual({
      stores: [],
      next: null,
      total: 0,
    });
    expect(await records.stores.requestDelete(foreign)).toEqual({ kind: 'notFound' });
    expect(await records.stores.requestCancel(foreign)).toEqual({ kind: 'notFound' });
    expect(await records.stores.requestOperation({ ...foreign, action: 'retry' })).toEqual({ kind: 'notFound' });
  });

  test('lists stores newest first over all pages, in a stable order also for equal times', async () => {
    const created = await Promise.all(
      [0, 0, 0, 1, 2].map((seconds) => records.request({ tenantId: 'pages', now: later(seconds) })),
    );
    const expected = created
      .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1))
      .map((store) => store.id);
    const pages = await Promise.all(
      [0, 2, 4].map((offset) => records.stores.list({ tenantId: 'pages', limit: 2, offset })),
    );
    expect(pages.flatMap((page) => page.stores.map((store) => store.id))).toEqual(expected);
    expect(pages.map((page) => page.total)).toEqual([null, null, null]);
    expect(await records.stores.list({ tenantId: 'pages', limit: 2, offset: 9, isCounted: true })).toEqual({
      stores: [],
      next: null,
      total: 5,
    });
  });

  test.each(['-createdAt', 'createdAt', 'name', '-name'] as const)(
    'lists each store once over pages with cursors in the order %s, while stores are created and deleted',
    async (sort) => {
      const tenantId = `cursors ${sort}`;
      const names = ['b', 'B', 'a', 'c', 'c', 'Ä'];
      const before = await Promise.all(
        names.map((name, index) => records.request({ tenantId, name, now: later(Math.floor(index / 2)) })),
      );
      const seen: string[] = [];
      let cursor: StoreCursor | undefined;
      do {
        const page = await records.stores.list({ tenantId, limit: 2, sort, cursor });
        seen.push(...page.stores.map(({ id }) => id));
        cursor = page.next ?? undefined;
        // A store in front of the cursor moves all offsets.
        if (seen.length === 2)
          await records.request({ tenantId, name: 'a', now: later(sort.startsWith('-') ? 9 : -9) });
      } while (cursor !== undefined);
      const stayed = seen.filter((id) => before.some((store) => store.id === id));
      expect(stayed.toSorted()).toEqual(before.map(({ id }) => id).toSorted());
      expect(new Set(seen).size).toBe(seen.length);
    },
  );

  test('filters by a part of the name, several statuses and the time of creation', async () => {
    const tenantId = 'more filters';
    const gone = await deleted({ tenantId, name: 'Gone 100%' });
    const acme = await records.request({ tenantId, name: 'ACME_Shoes', now: later(60) });
    const ids = async (filter: Partial<StoreListQuery>) =>
      (await records.stores.list({ tenantId, limit: 10, ...filter })).stores.map((store) => store.id);
    expect(await ids({ text: 'me_sh' })).toEqual([acme.id]);
    expect(await ids({ text: '%', statuses: ['deleted', 'requested'] })).toEqual([gone.id]);
    expect(await ids({ statuses: ['deleted', 'requested'] })).toEqual([acme.id, gone.id]);
    expect(await ids({ createdFrom: acme.createdAt })).toEqual([acme.id]);
    expect(await ids({ createdBefore: acme.createdAt })).toEqual([]);
  });

  test('lists deleted stores only for their status, and combines filters', async () => {
    const tenantId = 'filters';
    const gone = await deleted({ tenantId });
    const medusa = await records.request({ tenantId, engine: 'medusa' });
    const woo = await records.request({ tenantId, now: later(1) });
    const ids = async (filter: object) =>
      (await records.stores.list({ tenantId, limit: 10, offset: 0, ...filter })).stores.map((store) => store.id);
    expect(await ids({})).toEqual([woo.id, medusa.id]);
    expect(await ids({ statuses: ['deleted'] })).toEqual([gone.id]);
    expect(await ids({ engine: 'medusa' })).toEqual([medusa.id]);
    expect(await ids({ engine: 'medusa', statuses: ['requested'] })).toEqual([medusa.id]);
    expect(await ids({ engine: 'medusa', statuses: ['deleted'] })).toEqual([]);
  });

  test('lists the events after any number', async () => {
    const store = await records.request();
    await records.stores.requestCancel(command(store));
    await records.stores.requestDelete(command(store));
    const key = { tenantId: store.tenantId, storeId: store.id };
    const read = async (query: { readonly after?: number; readonly limit: number }) => {
      const page = await records.stores.listEvents({ ...key, ...query });
      return { seqs: page?.events.map(({ seq }) => seq), hasMore: page?.hasMore };
    };
    expect(await read({ after: 1, limit: 10 })).toEqual({ seqs: [2, 3], hasMore: false });
    expect(await read({ after: 1, limit: 1 })).toEqual({ seqs: [2], hasMore: true });
    expect(await read({ after: 3, limit: 1 })).toEqual({ seqs: [], hasMore: false });
  });
});

describe('versions', () => {
  test('gives a read and a command of an unchanged store the same version, and each change another', async () => {
    const store = await records.request();
    const read = (await records.stores.get(command(store)))!;
    const versions = [versionOf(read)];
    const cancelled = await records.stores.requestCancel({ ...command(store), versions });
    expect(cancelled.kind).toBe('accepted');
    expect(await records.stores.requestDelete({ ...command(store), versions })).toMatchObject({ kind: 'changed' });
    expect((await records.stores.get(command(store)))?.deleteRequestedAt).toBeNull();
  });

  test('lets one of many commands with the same version through', async () => {
    const store = await records.request();
    const versions = [versionOf((await records.stores.get(command(store)))!)];
    const results = await Promise.all(
      Array.from({ length: 8 }, () => records.stores.requestCancel({ ...command(store), versions })),
    );
    expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'changed')).toHaveLength(7);
  });
});

describe('commands', () => {
  test('accept a delete in every state and record it once for 8 requests', async () => {
    const store = await records.request();
    const results = await Promise.all(Array.from({ length: 8 }, () => records.stores.requestDelete(command(store))));
    expect(results.every((result) => result.kind === 'accepted')).toBe(true);
    expect(await eventTypes(store)).toEqual(['store.requested', 'delete.requested']);
    expect(await records.stores.requestDelete(command(await deleted()))).toMatchObject({ kind: 'accepted' });
  });

  test('accept a cancel while a provision is pending or runs, and record it once', async () => {
    const pending = await records.request();
    const { store: running } = await records.begun();
    for (const store of [pending, running]) {
      for (let time = 0; time < 2; time += 1) {
        expect(await records.stores.requestCancel(command(store))).toMatchObject({ kind: 'accepted' });
      }
    }
    expect(await eventTypes(pending)).toEqual(['store.requested', 'cancel.requested']);
    expect(await eventTypes(running)).toEqual(['store.requested', 'operation.started', 'cancel.requested']);
  });

  test.each(['failed', 'cancelled'] as const)(
    'accept a retry and refuse a cancel of a store that is %s',
    async (kind) => {
      const store = await ended(kind);
      expect(await records.stores.requestCancel(command(store))).toMatchObject({ kind: 'refused' });
      const retry = await records.stores.requestOperation({ ...command(store), action: 'retry' });
      expect(retry).toMatchObject({
        kind: 'accepted',
        operation: { kind: 'provision', status: 'requested', runId: null, endedAt: null },
        // Until a run takes the retry up, the store keeps the outcome of the previous operation.
        store: { status: kind, operation: { status: kind } },
      });
      expect(await records.stores.requestOperation({ ...command(store), action: 'retry' })).toMatchObject({
        kind: 'accepted',
      });
      expect((await eventTypes(store)).filter((type) => type === 'retry.requested')).toHaveLength(1);
      // The retry is now a pending provision, which can be cancelled.
      expect(await records.stores.requestCancel(command(store))).toMatchObject({ kind: 'accepted' });
    },
  );

  test('retry the delete of a store whose delete failed', async () => {
    const store = await ended('failed');
    const removal = activityInput(store, 'delete');
    await records.stores.begin(removal, NOW);
    await records.stores.end({ ...removal, outcome: OUTCOMES.failed }, NOW);
    expect(await records.read(store)).toMatchObject({ status: 'failed', deleteRequestedAt: null });
    for (let time = 0; time < 2; time += 1) {
      expect(await records.stores.requestOperation({ ...command(store), action: 'retry' })).toMatchObject({
        kind: 'accepted',
        operation: { kind: 'delete' },
        store: { deleteRequestedAt: later(1) },
      });
    }
    expect((await eventTypes(store)).filter((type) => type === 'retry.requested')).toHaveLength(1);
  });

  test('write no event for a retry of a pending operation, and refuse a retry of a running or deleted store', async () => {
    const store = await records.request();
    expect(await records.stores.requestOperation({ ...command(store), action: 'retry' })).toMatchObject({
      kind: 'accepted',
      operation: { id: store.operation.id },
    });
    expect(await eventTypes(store)).toEqual(['store.requested']);
    await records.stores.begin(activityInput(store, 'provision'), NOW);
    expect(await records.stores.requestOperation({ ...command(store), action: 'retry' })).toMatchObject({
      kind: 'refused',
    });
    expect(await records.stores.requestOperation({ ...command(await deleted()), action: 'retry' })).toMatchObject({
      kind: 'refused',
    });
  });
});
