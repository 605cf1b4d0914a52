import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Step } from '../../domain/operations/catalogue.ts';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';
import { ProblemDetails } from '../contract/problem.ts';
import { Store } from '../contract/store.ts';

let api: ReturnType<typeof fakeApi>;
beforeEach(() => {
  api = fakeApi();
});

const UNKNOWN_ID = '8b6d4f0e-6c3b-5d0a-9c41-2f3a1f1f7f10';
const ACTIONS = ['continue', 'skip-verification', 'abort', 'undelete'] as const;

function post(storeId: string, action: string, body?: unknown) {
  return api.app.request(`/api/stores/${storeId}/${action}`, {
    method: 'POST',
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
}

function remove(storeId: string, query: Record<string, string> = {}) {
  return api.app.request(`/api/stores/${storeId}?${new URLSearchParams(query).toString()}`, { method: 'DELETE' });
}

async function heldStore(step: Step = 'verify'): Promise<Store> {
  const store = await api.newStore();
  const operation = {
    status: 'held',
    step,
    runId: api.operations.runsOf(store.storeId).at(-1)?.runId ?? null,
    failureCode: 'IMAGE_PULL_FAILED',
    failureMessage: 'no such image',
    failureStep: step,
    heldUntil: new Date('2030-01-01T00:00:00Z'),
  } as const;
  api.records.amend(store.storeId, { status: 'held' }, operation);
  return store;
}

/** Returns a store in its undelete window. */
async function undeletableStore(): Promise<Store> {
  const store = await api.newStore();
  api.records.amend(
    store.storeId,
    { status: 'deleting', deleteRequestedAt: new Date() },
    {
      kind: 'delete',
      status: 'running',
      step: 'undelete-window',
      runId: 'run-delete',
      undeleteUntil: new Date('2030-01-01T00:00:00Z'),
    },
  );
  return store;
}

function messages(storeId: string) {
  return api.operations.runsOf(storeId).flatMap((run) => run.messages);
}

describe('a held store', () => {
  test('shows the cause, the end of the hold and the allowed actions', async () => {
    const { storeId: id } = await heldStore('await-ready');
    const response = await api.app.request(`/api/stores/${id}`);
    expect(Store.parse(await response.json())).toMatchObject({
      status: 'held',
      failure: { code: 'IMAGE_PULL_FAILED', step: 'await-ready' },
      operation: { status: 'held', heldUntil: '2030-01-01T00:00:00.000Z' },
      allowedActions: ['continue', 'abort', 'cancel', 'delete'],
    });
  });

  test.each(['continue', 'skip-verification', 'abort'] as const)('receives the signal of %s', async (action) => {
    const { storeId: id } = await heldStore();
    const response = await post(id, action);
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/api/stores/${id}`);
    expect(messages(id)).toEqual([{ action, overrides: undefined }]);
  });

  test('continues with a change of its overrides', async () => {
    const { storeId: id } = await heldStore();
    const overrides = { image: { tag: '2' }, db: { resources: { limits: { memory: '1Gi' } } } };
    expect((await post(id, 'continue', { overrides })).status).toBe(202);
    expect(messages(id)).toEqual([{ action: 'continue', overrides }]);
  });

  test('continues with overrides that unset a field or an object of fields', async () => {
    const { storeId: id } = await heldStore();
    const overrides = { image: { tag: null }, db: null };
    expect((await post(id, 'continue', { overrides })).status).toBe(202);
    expect(messages(id)).toEqual([{ action: 'continue', overrides }]);
  });

  test('does not continue with invalid overrides, and the problem lists every field', async () => {
    const { storeId: id } = await heldStore();
    const response = await post(id, 'continue', { overrides: { existingSecret: 'x', image: { tag: '' } } });
    expect(response.status).toBe(400);
    const problem = ProblemDetails.parse(await response.json());
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual([
      '/overrides/existingSecret',
      '/overrides/image/tag',
    ]);
    expect(messages(id)).toEqual([]);
  });

  test.each<Record<string, string>>([
    {},
    { 'content-type': 'application/json' },
    { 'content-type': 'application/json; charset=utf-8', 'content-length': '0' },
    { 'content-type': 'text/plain' },
  ])('continues without a body and with the headers %j', async (headers) => {
    const { storeId: id } = await heldStore();
    const sent = { method: 'POST', headers };
    expect((await api.app.request(`/api/stores/${id}/continue`, sent)).status).toBe(202);
    expect((await api.app.request(`/api/stores/${id}/continue`, { ...sent, body: '' })).status).toBe(202);
    expect(messages(id)).toEqual([{ action: 'continue' }, { action: 'continue' }]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'does not ignore a body of the type %s',
    async (type) => {
      const { storeId: id } = await heldStore();
      const response = await api.app.request(`/api/stores/${id}/continue`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: JSON.stringify({ overrides: { image: { tag: '2' } } }),
      });
      expect(await response.json()).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
      expect(messages(id)).toEqual([]);
    },
  );

  test.each(['cancel', 'retry', 'skip-verification', 'abort', 'undelete'] as const)(
    'answers %s the same with and without a Content-Type of an empty body',
    async (action) => {
      const { storeId: id } = await heldStore();
      const headers = { 'content-type': 'application/json' };
      const bare = await post(id, action);
      const typed = await api.app.request(`/api/stores/${id}/${action}`, { method: 'POST', headers });
      expect(typed.status).toBe(bare.status);
    },
  );

  test('is deleted by a request with a Content-Type and an empty body', async () => {
    const { storeId: id } = await heldStore();
    const headers = { 'content-type': 'application/json' };
    expect((await api.app.request(`/api/stores/${id}`, { method: 'DELETE', headers })).status).toBe(202);
  });

  test.each([[{ overrides: 'latest' }], [{ specs: {} }], [[]]])('does not continue with the body %j', async (body) => {
    const { storeId: id } = await heldStore();
    expect((await post(id, 'continue', body)).status).toBe(400);
    expect(messages(id)).toEqual([]);
  });

  test('continues in a new run with its overrides after its run was terminated, and allows no other decision', async () => {
    const { storeId: id } = await heldStore();
    api.records.amend(id, { overrides: { image: { repository: 'shop', tag: '1' } } });
    api.operations.close(id, 'failed');
    expect((await post(id, 'abort')).status).toBe(409);
    expect((await post(id, 'continue', { overrides: { image: { tag: '2' } } })).status).toBe(202);
    expect(api.operations.runsOf(id).at(-1)).toMatchObject({
      kind: 'provision',
      input: { store: { overrides: { image: { repository: 'shop', tag: '2' } } } },
    });
  });

  test('continues in a new run without the overrides that the request unsets', async () => {
    const { storeId: id } = await heldStore();
    api.records.amend(id, { overrides: { image: { repository: 'shop', tag: '1' } } });
    api.operations.close(id, 'failed');
    expect((await post(id, 'continue', { overrides: { image: null } })).status).toBe(202);
    expect(api.operations.runsOf(id).at(-1)?.input.store).not.toHaveProperty('overrides');
  });
});

describe('an id in capitals', () => {
  test.each(['continue', 'skip-verification', 'abort', 'cancel'] as const)(
    'means the same store for %s',
    async (action) => {
      const { storeId: id } = await heldStore();
      expect((await post(id.toUpperCase(), action)).status).toBe(202);
      const run = api.operations.runsOf(id).at(-1);
      expect([run?.messages.length, run?.cancelRequested]).toEqual(action === 'cancel' ? [0, true] : [1, false]);
    },
  );

  test('means the same store for undelete, delete and reading, and the same operation', async () => {
    const { storeId: id, operation } = await undeletableStore();
    expect((await post(id.toUpperCase(), 'undelete')).status).toBe(202);
    expect(messages(id)).toEqual([{ action: 'undelete' }]);
    expect((await remove(id.toUpperCase())).status).toBe(202);
    const paths = [
      `stores/${id.toUpperCase()}`,
      `stores/${id.toUpperCase()}/events`,
      `operations/${operation?.operationId.toUpperCase()}`,
    ];
    for (const path of paths) expect((await api.app.request(`/api/${path}`)).status).toBe(200);
  });
});

describe.each(ACTIONS)('%s', (action) => {
  test('answers 409 with the allowed actions when the store does not wait for it', async () => {
    const { storeId: id } = await api.newStore();
    const response = await post(id, action);
    expect(response.status).toBe(409);
    expect(ProblemDetails.parse(await response.json())).toMatchObject({
      code: 'INVALID_STATE',
      detail: expect.stringContaining('requested'),
      operation: { kind: 'provision' },
      allowedActions: ['cancel', 'retry', 'delete'],
    });
    expect(messages(id)).toEqual([]);
  });

  test('answers 404 for a store that does not exist', async () => {
    expect((await post(UNKNOWN_ID, action)).status).toBe(404);
  });
});

test.each(['continue', 'skip-verification', 'abort'] as const)(
  '%s answers 503 with the time to wait while Temporal is unavailable',
  async (action) => {
    const { storeId: id } = await heldStore();
    api.operations.away = true;
    const response = await post(id, action);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
  },
);

describe('undelete', () => {
  test('is recorded before the run is signalled, also while Temporal is unavailable', async () => {
    const { storeId: id } = await undeletableStore();
    api.operations.away = true;
    const response = await post(id, 'undelete');
    expect(response.status).toBe(202);
    expect(Store.parse(await response.json()).operation).toMatchObject({ undeleteRequestedAt: expect.any(String) });
  });

  test('starts another run when the run of the delete was terminated', async () => {
    const { storeId: id } = await undeletableStore();
    api.operations.close(id, 'failed');
    expect((await post(id, 'undelete')).status).toBe(202);
    expect(api.operations.runsOf(id).at(-1)).toMatchObject({ kind: 'delete', state: 'open' });
  });

  test('signals the delete that waits', async () => {
    const { storeId: id } = await undeletableStore();
    const response = await post(id, 'undelete');
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      undeleteUntil: '2030-01-01T00:00:00.000Z',
      allowedActions: ['undelete'],
    });
    expect(messages(id)).toEqual([{ action: 'undelete', overrides: undefined }]);
  });

  test('is refused after the undelete window', async () => {
    const { storeId: id } = await undeletableStore();
    api.records.amend(id, {}, { step: 'delete-namespace' });
    expect((await post(id, 'undelete')).status).toBe(409);
  });
});

describe('the plan of a delete', () => {
  /** Returns the plan of the requested delete as callers see it. */
  async function planOf(storeId: string) {
    const store = Store.parse(await (await api.app.request(`/api/stores/${storeId}`)).json());
    return store.operation?.deletePlan;
  }

  test('deletes all data at once by default', async () => {
    const { storeId: id } = await api.newStore();
    expect((await remove(id)).status).toBe(202);
    expect(await planOf(id)).toEqual({ undeleteWindowSeconds: 0, volumePolicy: 'delete' });
  });

  test('is taken from the query parameters', async () => {
    const { storeId: id } = await api.newStore();
    expect((await remove(id, { undeleteWindowSeconds: '3600', keepVolumesForDays: '7' })).status).toBe(202);
    expect(await planOf(id)).toEqual({ undeleteWindowSeconds: 3_600, volumePolicy: { keepForDays: 7 } });
  });

  test('is the plan of the first request', async () => {
    const { storeId: id } = await api.newStore();
    await remove(id, { volumePolicy: 'keep' });
    expect((await remove(id, { volumePolicy: 'delete' })).status).toBe(202);
    expect(await planOf(id)).toMatchObject({ volumePolicy: 'keep' });
  });

  test.each([
    [{ undeleteWindowSeconds: '-1' }],
    [{ undeleteWindowSeconds: '2592001' }],
    [{ undeleteWindowSeconds: 'soon' }],
    [{ volumePolicy: 'shred' }],
    [{ keepVolumesForDays: '0' }],
    [{ keepVolumesForDays: '1', volumePolicy: 'keep' }],
    [{ force: 'true' }],
  ])('is rejected for the query %j', async (query) => {
    const { storeId: id } = await api.newStore();
    expect((await remove(id, query)).status).toBe(400);
    expect(await planOf(id)).toBeNull();
  });

  test('is not taken from a body, because proxies drop it', async () => {
    const { storeId: id } = await api.newStore();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ undeleteWindowSeconds: 60 });
    const response = await api.app.request(`/api/stores/${id}`, { method: 'DELETE', headers, body });
    expect(response.status).toBe(400);
    expect(ProblemDetails.parse(await response.json()).detail).toMatch(/query parameters/);
    expect((await api.records.get({ tenantId: 'default-user', storeId: id }))?.deleteRequestedAt).toBeNull();
  });
});

describe('policies at creation', () => {
  test('are shown and passed to the run', async () => {
    const body = { name: 'Acme', engine: 'medusa', onFailure: 'hold', volumePolicy: { keepForDays: 3 } };
    const response = await api.post({ body });
    expect(response.status).toBe(202);
    expect(Store.parse(await response.json())).toMatchObject({ onFailure: 'hold', volumePolicy: { keepForDays: 3 } });
    expect(api.operations.runs[0]?.input.store).toMatchObject({ onFailure: 'hold' });
  });

  test('are part of the request: another policy with the same key is rejected', async () => {
    await api.newStore();
    const response = await api.post({ body: { name: 'Acme Shoes', engine: 'woocommerce', onFailure: 'hold' } });
    expect(response.status).toBe(422);
  });

  test.each([['never'], [null], [true]])('are rejected with onFailure %j', async (onFailure) => {
    expect((await api.post({ body: { name: 'Acme', engine: 'medusa', onFailure } })).status).toBe(400);
  });
});
