import { beforeEach, describe, expect, test } from '@jest/globals';
import type { StoreEvent } from '../../domain/store/store.ts';
import { fakeApi, MAX_STORES, readJson } from '../../test/harness/platform/fake-api.ts';
import { Store, StorePage } from '../contract/store.ts';
import { StoreEvents } from '../contract/event.ts';
import { encodeStoreCursor } from '../contract/store-cursor.ts';

const CURSOR = {
  sort: '-createdAt',
  key: '2026-01-31T12:00:00.000Z',
  storeId: '8b6d4f0e-6c3b-5d0a-9c41-2f3a1f1f7f10',
} as const;

let api: ReturnType<typeof fakeApi>;
beforeEach(() => {
  api = fakeApi();
});

function request(method: string, path: string) {
  return api.app.request(path, { method });
}

/** Makes the run of the store's provision begin. */
function begin(storeId: string) {
  const run = api.operations.runsOf(storeId).at(-1);
  return api.records.amend(storeId, { status: 'provisioning' }, { status: 'running', runId: run?.runId ?? null });
}

/** Ends the store's provision as failed and closes its run. */
function fail(storeId: string) {
  api.operations.close(storeId, 'failed');
  return api.records.amend(
    storeId,
    { status: 'failed' },
    { status: 'failed', endedAt: new Date(), failureCode: 'IMAGE_PULL_FAILED', failureMessage: 'no such image' },
  );
}

describe('creating a store', () => {
  test('answers 202 with the store, its path and the time to wait before polling', async () => {
    const response = await api.post();
    const store = Store.parse(await response.json());
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/api/stores/${store.storeId}`);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('idempotency-replayed')).toBeNull();
    expect(store).toMatchObject({ name: 'Acme Shoes', engine: 'woocommerce', status: 'requested', failure: null });
    expect(store.operation).toMatchObject({ kind: 'provision', workflowId: `store/${store.storeId}`, runId: null });
  });

  test('starts one provision with the correlation id', async () => {
    const response = await api.post({ headers: { 'x-correlation-id': 'trace-1' } });
    const store = await readJson<Store>(response);
    expect(api.operations.runs).toHaveLength(1);
    expect(api.operations.runs[0]).toMatchObject({
      kind: 'provision',
      input: { correlationId: 'trace-1', store: { storeId: store.storeId, host: `${store.releaseName}.localhost` } },
    });
  });

  test('returns the same store in its current state, marked as replayed, when the request is repeated', async () => {
    const first = await api.newStore();
    begin(first.storeId);
    const response = await api.post();
    expect(response.status).toBe(202);
    expect(response.headers.get('idempotency-replayed')).toBe('true');
    expect(await response.json()).toMatchObject({ storeId: first.storeId, status: 'provisioning' });
    expect(api.operations.runs).toHaveLength(1);
  });

  test('creates one store and one run for equal requests at the same time', async () => {
    const responses = await Promise.all(Array.from({ length: 10 }, () => api.post()));
    const stores = await Promise.all(responses.map((response) => readJson<Store>(response)));
    expect(new Set(stores.map((store) => store.storeId)).size).toBe(1);
    expect(api.operations.runs).toHaveLength(1);
  });

  test('accepts a quoted key as the same key without quotes', async () => {
    const first = await api.newStore('order-42');
    expect(await api.newStore('"order-42"')).toEqual(first);
  });

  test('ignores white space around the name and normalizes composed characters', async () => {
    const first = await readJson<Store>(await api.post({ body: { name: 'Café', engine: 'medusa' } }));
    const again = await api.post({ body: { name: '  Cafe\u0301 ', engine: 'medusa' } });
    expect(await again.json()).toEqual(first);
  });

  test('is accepted while Temporal is unavailable, with a warning in the log', async () => {
    api.operations.away = true;
    const response = await api.post();
    expect(response.status).toBe(202);
    expect(api.logLines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: expect.stringContaining('the operation is recorded and its run starts later'),
      }),
    );
  });

  test('is accepted while Temporal rejects the start of its run, with the reason as an error in the log', async () => {
    api.operations.away = true;
    const { storeId } = await api.newStore();
    api.operations.away = false;
    api.operations.rejected.add(storeId);
    expect((await api.post()).status).toBe(202);
    expect((await request('DELETE', `/api/stores/${storeId}`)).status).toBe(202);
    expect(api.logLines.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ err: expect.objectContaining({ code: 'ORCHESTRATOR_REJECTED' }) }),
      expect.objectContaining({ msg: 'the operation is recorded, but Temporal rejects the start of its run' }),
    ]);
  });

  test('starts a recorded store that was never started when the request is repeated', async () => {
    api.operations.away = true;
    await api.post();
    api.operations.away = false;
    expect((await api.post()).headers.get('idempotency-replayed')).toBe('true');
    expect(api.operations.runs).toHaveLength(1);
  });

  test('counts only live stores against the quota', async () => {
    for (let count = 0; count < MAX_STORES; count += 1) await api.newStore(`order-${count}`);
    expect((await api.post({ key: 'one-more' })).status).toBe(429);
    const page = await readJson<{ data: Store[] }>(await request('GET', '/api/stores'));
    api.records.amend(page.data[0]!.storeId, { status: 'deleted' });
    expect((await api.post({ key: 'one-more' })).status).toBe(202);
  });
});

describe('reading stores', () => {
  test('returns a store by its id', async () => {
    const store = await api.newStore();
    const response = await request('GET', `/api/stores/${store.storeId}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(store);
  });

  test('lists stores newest first, in pages, with the total', async () => {
    for (const key of ['a', 'b', 'c']) await api.newStore(key);
    const newest = await api.newStore('c');
    const page = StorePage.parse(await (await request('GET', '/api/stores?limit=2&count=true')).json());
    expect(page.pagination).toEqual({ limit: 2, offset: 0, nextCursor: expect.any(String), total: 3 });
    expect(page.data).toHaveLength(2);
    expect(page.data[0]?.storeId).toBe(newest.storeId);
  });

  test('leads from page to page by the link header, with the same filters', async () => {
    for (const key of ['a', 'b', 'c']) await api.newStore(key);
    const seen: string[] = [];
    let path: string | undefined = '/api/stores?limit=2&engine=woocommerce&sort=name&status=requested&status=ready';
    while (path !== undefined) {
      const response = await request('GET', path);
      const page = StorePage.parse(await response.json());
      seen.push(...page.data.map(({ storeId }) => storeId));
      const link = response.headers.get('link');
      expect(link === null).toBe(page.pagination.nextCursor === null);
      path = link === null ? undefined : /^<([^>]+)>; rel="next"$/.exec(link)?.[1];
    }
    expect(new Set(seen).size).toBe(3);
    expect(seen).toHaveLength(3);
  });

  test.each([
    ['cursor=nonsense', '/cursor', 'is not a cursor: send the nextCursor of the previous page'],
    [`cursor=${encodeStoreCursor({ ...CURSOR, key: 'noon' })}`, '/cursor', 'is not a cursor'],
    [`cursor=${encodeStoreCursor({ ...CURSOR, sort: 'name', key: 'a\0' })}`, '/cursor', 'is not a cursor'],
    [`cursor=${encodeStoreCursor(CURSOR)}&offset=1`, '/offset', 'cannot be combined with cursor'],
    [`cursor=${encodeStoreCursor(CURSOR)}&sort=name`, '/sort', 'differs from the order of the cursor'],
    ['createdFrom=yesterday', '/createdFrom', 'Invalid ISO datetime'],
    ['sort=size', '/sort', 'Invalid option'],
    ['name=', '/name', 'must have 1 to 63 characters'],
    ['status=ready&status=lost', '/status', 'Invalid'],
  ])('rejects the query %s and names the parameter', async (query, pointer, detail) => {
    const response = await request('GET', `/api/stores?${query}`);
    expect(response.status).toBe(400);
    const problem = await readJson<{ errors: { pointer: string; detail: string }[] }>(response);
    expect(problem.errors).toContainEqual({ in: 'query', pointer, detail: expect.stringContaining(detail) });
  });

  test('lists at most 20 stores and no deleted ones without parameters', async () => {
    const store = await api.newStore();
    api.records.amend(
      store.storeId,
      { status: 'deleted', deletedAt: new Date() },
      { status: 'succeeded', endedAt: new Date() },
    );
    expect(await (await request('GET', '/api/stores')).json()).toEqual({
      data: [],
      pagination: { limit: 20, offset: 0, nextCursor: null, total: null },
    });
    const deleted = StorePage.parse(await (await request('GET', '/api/stores?status=deleted')).json());
    expect(deleted.data).toHaveLength(1);
    expect((await request('GET', `/api/stores/${store.storeId}`)).status).toBe(200);
  });

  test('lists the events of a store oldest first', async () => {
    const store = await api.newStore();
    await request('DELETE', `/api/stores/${store.storeId}`);
    const events = StoreEvents.parse(await (await request('GET', `/api/stores/${store.storeId}/events`)).json());
    expect(events.data.map((event: Pick<StoreEvent, 'seq' | 'type'>) => [event.seq, event.type])).toEqual([
      [1, 'store.requested'],
      [2, 'delete.requested'],
    ]);
  });

  test('answers HEAD like GET, without a body', async () => {
    const response = await request('HEAD', '/api/stores');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  test('returns the events in pages, also after a client has read all of them', async () => {
    const { storeId } = await api.newStore();
    await request('POST', `/api/stores/${storeId}/cancel`);
    const page = async (query: string) =>
      StoreEvents.parse(await (await request('GET', `/api/stores/${storeId}/events?${query}`)).json());
    const first = await request('GET', `/api/stores/${storeId}/events?limit=1`);
    expect(first.headers.get('link')).toBe(`</api/stores/${storeId}/events?limit=1&after=1>; rel="next"`);
    expect(StoreEvents.parse(await first.json()).pagination).toEqual({ limit: 1, after: 0, nextAfter: 1 });
    expect((await page('after=1')).data.map(({ seq }) => seq)).toEqual([2]);
    expect(await page('after=2')).toEqual({ data: [], pagination: { limit: 100, after: 2, nextAfter: null } });
  });
});

describe('deleting a store', () => {
  test('starts the delete of a store without a running operation', async () => {
    const store = await api.newStore();
    api.operations.close(store.storeId, 'completed');
    api.records.amend(
      store.storeId,
      { status: 'ready', readyAt: new Date() },
      { status: 'succeeded', endedAt: new Date() },
    );
    const response = await request('DELETE', `/api/stores/${store.storeId}`);
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/api/stores/${store.storeId}`);
    expect(api.operations.runsOf(store.storeId).at(-1)).toMatchObject({ kind: 'delete', cancelRequested: false });
  });

  test('cancels a running provision', async () => {
    const store = await api.newStore();
    begin(store.storeId);
    expect((await request('DELETE', `/api/stores/${store.storeId}`)).status).toBe(202);
    expect(api.operations.runs).toHaveLength(1);
    expect(api.operations.runs[0]?.cancelRequested).toBe(true);
  });

  test('never cancels a running delete', async () => {
    const store = await api.newStore();
    fail(store.storeId);
    await request('DELETE', `/api/stores/${store.storeId}`);
    expect((await request('DELETE', `/api/stores/${store.storeId}`)).status).toBe(202);
    const runs = api.operations.runsOf(store.storeId);
    expect(runs.map((run) => run.kind)).toEqual(['provision', 'delete']);
    expect(runs.at(-1)?.cancelRequested).toBe(false);
  });

  test('starts no run for a deleted store', async () => {
    const store = await api.newStore();
    api.operations.close(store.storeId, 'completed');
    api.records.amend(
      store.storeId,
      { status: 'deleted', deletedAt: new Date() },
      { status: 'succeeded', endedAt: new Date() },
    );
    expect((await request('DELETE', `/api/stores/${store.storeId}`)).status).toBe(202);
    expect(api.operations.runs).toHaveLength(1);
  });

  test('is accepted while Temporal is unavailable', async () => {
    const store = await api.newStore();
    api.operations.away = true;
    expect((await request('DELETE', `/api/stores/${store.storeId}`)).status).toBe(202);
  });
});

describe('cancelling a provision', () => {
  test('cancels its run', async () => {
    const store = await api.newStore();
    begin(store.storeId);
    expect((await request('POST', `/api/stores/${store.storeId}/cancel`)).status).toBe(202);
    expect(api.operations.runs[0]?.cancelRequested).toBe(true);
  });

  test('starts a run that was never started, which ends the recorded cancel', async () => {
    api.operations.away = true;
    const store = await api.newStore();
    api.operations.away = false;
    const response = await request('POST', `/api/stores/${store.storeId}/cancel`);
    expect(response.status).toBe(202);
    expect(Store.parse(await response.json()).operation).toMatchObject({ cancelRequestedAt: expect.any(String) });
    expect(api.operations.runs).toMatchObject([{ kind: 'provision', state: 'open' }]);
  });

  test('does not cancel a run that holds the workflow id before the provision begins', async () => {
    const store = await api.newStore();
    expect((await request('POST', `/api/stores/${store.storeId}/cancel`)).status).toBe(202);
    expect(api.operations.runs).toMatchObject([{ cancelRequested: false }]);
  });

  test('is accepted before the provision begins while Temporal is unavailable', async () => {
    api.operations.away = true;
    const store = await api.newStore();
    expect((await request('POST', `/api/stores/${store.storeId}/cancel`)).status).toBe(202);
  });
});

describe('retrying', () => {
  test('starts the provision of a failed store again', async () => {
    const store = await api.newStore();
    fail(store.storeId);
    const response = await request('POST', `/api/stores/${store.storeId}/retry`);
    expect(response.status).toBe(202);
    expect(api.operations.runsOf(store.storeId).at(-1)).toMatchObject({ kind: 'provision', state: 'open' });
  });

  test('starts the delete again when the delete failed', async () => {
    const store = await api.newStore();
    fail(store.storeId);
    api.records.amend(store.storeId, {}, { kind: 'delete' });
    expect((await request('POST', `/api/stores/${store.storeId}/retry`)).status).toBe(202);
    expect(api.operations.runsOf(store.storeId).at(-1)?.kind).toBe('delete');
  });

  test('starts one run for two requests', async () => {
    const store = await api.newStore();
    fail(store.storeId);
    await request('POST', `/api/stores/${store.storeId}/retry`);
    expect((await request('POST', `/api/stores/${store.storeId}/retry`)).status).toBe(202);
    expect(api.operations.runsOf(store.storeId)).toHaveLength(2);
  });
});
