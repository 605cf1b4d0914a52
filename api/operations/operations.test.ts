import { beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../test/harness/eventually.ts';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';
import { OperationPage } from '../contract/operation.ts';
import { OperationDetail } from '../contract/operation-detail.ts';
import { ProblemDetails } from '../contract/problem.ts';
import { Store } from '../contract/store.ts';

let api: ReturnType<typeof fakeApi>;
beforeEach(() => {
  api = fakeApi();
});

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

async function operationAt(path: string): Promise<OperationDetail> {
  const response = await api.app.request(path);
  expect(response.status).toBe(200);
  return OperationDetail.parse(await response.json());
}

/** Ends the provision of a store as failed. */
function fail(storeId: string) {
  api.operations.close(storeId, 'failed');
  const endedAt = new Date();
  const failure = {
    failureCode: 'IMAGE_PULL_FAILED',
    failureMessage: 'no such image',
    failureStep: 'await-ready',
  } as const;
  api.records.amend(storeId, { status: 'failed' }, { status: 'failed', runId: 'run-1', endedAt, ...failure });
}

describe('a 202 response', () => {
  test('names the provision of a create in its body and in Operation-Location', async () => {
    const response = await api.post({ key: 'order-42' });
    const { storeId, operation } = Store.parse(await response.json());
    const path = response.headers.get('operation-location') ?? '';
    expect(path).toBe(`/api/operations/${operation?.operationId}`);
    expect(await operationAt(path)).toMatchObject({
      storeId,
      kind: 'provision',
      status: 'requested',
      requestedBy: 'anonymous',
      idempotencyKey: 'order-42',
      runId: null,
      startedAt: null,
      endedAt: null,
    });
  });

  test('names the same provision when the create is repeated, even after it has ended', async () => {
    const first = Store.parse(await (await api.post()).json());
    fail(first.storeId);
    const again = await api.post();
    const { operation } = Store.parse(await again.json());
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(operation).toMatchObject({ operationId: first.operation?.operationId, status: 'failed' });
  });

  test('names the delete while the provision still runs', async () => {
    const { storeId } = await api.newStore();
    api.records.amend(storeId, { status: 'provisioning' }, { status: 'running', runId: 'run-1' });
    const response = await api.app.request(`/api/stores/${storeId}`, { method: 'DELETE' });
    const { operation } = Store.parse(await response.json());
    expect(operation).toMatchObject({ kind: 'delete', status: 'requested' });
    expect(response.headers.get('operation-location')).toBe(`/api/operations/${operation?.operationId}`);
    // The store itself shows the operation that runs.
    const shown = Store.parse(await (await api.app.request(`/api/stores/${storeId}`)).json());
    expect(shown.operation).toMatchObject({ kind: 'provision', status: 'running' });
  });

  test('names a new operation for a retry, and the failed one keeps its failure', async () => {
    const { storeId, operation: first } = await api.newStore();
    fail(storeId);
    const response = await api.app.request(`/api/stores/${storeId}/retry`, { method: 'POST' });
    const store = Store.parse(await response.json());
    expect(store.operation?.operationId).not.toBe(first?.operationId);
    expect(store).toMatchObject({ status: 'failed', failure: { code: 'IMAGE_PULL_FAILED' } });
    expect(await operationAt(`/api/operations/${first?.operationId}`)).toMatchObject({
      status: 'failed',
      failure: { code: 'IMAGE_PULL_FAILED', message: 'no such image', step: 'await-ready' },
    });
  });
});

describe('the operations of a store', () => {
  test('are listed newest first, page by page', async () => {
    const { storeId } = await api.newStore();
    fail(storeId);
    await api.app.request(`/api/stores/${storeId}/retry`, { method: 'POST' });
    const response = await api.app.request(`/api/stores/${storeId}/operations?limit=1`);
    const page = OperationPage.parse(await response.json());
    expect(page.pagination).toEqual({ limit: 1, offset: 0, total: 2 });
    expect(page.data.map(({ status }) => status)).toEqual(['requested']);
    const rest = await api.app.request(`/api/stores/${storeId}/operations?limit=1&offset=1`);
    expect(OperationPage.parse(await rest.json()).data.map(({ status }) => status)).toEqual(['failed']);
  });

  test.each([
    [`/api/stores/${UNKNOWN_ID}/operations`, 'STORE_NOT_FOUND'],
    ['/api/stores/nonsense/operations', 'STORE_NOT_FOUND'],
    [`/api/operations/${UNKNOWN_ID}`, 'OPERATION_NOT_FOUND'],
    ['/api/operations/nonsense', 'OPERATION_NOT_FOUND'],
  ])('are not found at %s: 404 %s', async (path, code) => {
    const response = await api.app.request(path);
    expect(response.status).toBe(404);
    expect(ProblemDetails.parse(await response.json()).code).toBe(code);
  });
});

/** Sends a long poll. Returns its response, and whether it has come. */
function poll(operationId: string | undefined, wait: number, headers: Record<string, string> = {}) {
  const state = { isAnswered: false };
  const response = Promise.resolve(api.app.request(`/api/operations/${operationId}?wait=${wait}`, { headers }));
  void response.finally(() => {
    state.isAnswered = true;
  });
  return { state, response };
}

async function untilWaiting(): Promise<void> {
  await eventually(() => api.live.slots.inUse() === 1);
}

describe('a long poll', () => {
  test('is answered when the operation changes', async () => {
    const { storeId, operation } = await api.newStore();
    const { state, response } = poll(operation?.operationId, 60);
    await untilWaiting();
    expect(state.isAnswered).toBe(false);
    api.records.amend(
      storeId,
      { status: 'provisioning' },
      { status: 'running', runId: 'run-1', step: 'ensure-secrets' },
    );
    expect(OperationDetail.parse(await (await response).json())).toMatchObject({ step: 'ensure-secrets' });
    expect([api.live.slots.inUse(), api.hub.size()]).toEqual([0, 0]);
  });

  test('is not answered by a change of another operation', async () => {
    const { storeId, operation } = await api.newStore();
    const { state, response } = poll(operation?.operationId, 60);
    await untilWaiting();
    const other = await api.newStore('other');
    api.records.amend(other.storeId, { status: 'provisioning' }, { status: 'running', runId: 'run-1' });
    api.hub.wakeAll();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(state.isAnswered).toBe(false);
    fail(storeId);
    expect(OperationDetail.parse(await (await response).json())).toMatchObject({ status: 'failed' });
  });

  test('is answered at once for an operation that has ended, or that differs from If-None-Match', async () => {
    const { storeId, operation } = await api.newStore();
    const differs = await poll(operation?.operationId, 60, { 'if-none-match': '"an-older-version"' }).response;
    expect(differs.status).toBe(200);
    fail(storeId);
    expect((await poll(operation?.operationId, 60).response).status).toBe(200);
  });

  test('is answered with 304 when the time is over and nothing has changed since If-None-Match', async () => {
    const { operation } = await api.newStore();
    const path = `/api/operations/${operation?.operationId}`;
    const tag = (await api.app.request(path)).headers.get('etag') ?? '';
    expect((await poll(operation?.operationId, 1, { 'if-none-match': tag }).response).status).toBe(304);
  });

  test('is answered when the process shuts down', async () => {
    const { operation } = await api.newStore();
    const { response } = poll(operation?.operationId, 60);
    await untilWaiting();
    api.hub.shutDown();
    expect((await response).status).toBe(200);
  });

  test('waits at most a minute', async () => {
    const { operation } = await api.newStore();
    const { response } = poll(operation?.operationId, 61);
    expect(ProblemDetails.parse(await (await response).json())).toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('an operation says that its step is repeated', () => {
  const RETRY = {
    attempt: 3,
    lastFailure: { code: 'CLUSTER_UNAVAILABLE', message: 'the Kubernetes API does not answer' },
    nextAttemptAt: new Date('2026-01-02T03:04:05Z'),
  } as const;

  async function runningOperation(): Promise<string> {
    const { storeId, operation } = await api.newStore();
    const [run] = api.operations.runsOf(storeId);
    if (run === undefined) throw new Error('the store has no run');
    run.retry = RETRY;
    api.records.amend(storeId, { status: 'provisioning' }, { status: 'running', runId: run.runId });
    return `/api/operations/${operation?.operationId}`;
  }

  test('with the reason and the time of the next attempt', async () => {
    expect((await operationAt(await runningOperation())).retry).toEqual({
      attempt: 3,
      ...RETRY.lastFailure,
      nextAttemptAt: '2026-01-02T03:04:05.000Z',
    });
  });

  test('and is shown without it while Temporal does not answer', async () => {
    const path = await runningOperation();
    api.operations.away = true;
    expect((await operationAt(path)).retry).toBeNull();
  });
});

describe('an operation says what it waits for', () => {
  const HELD = { failureCode: 'IMAGE_PULL_FAILED', failureMessage: 'no such image', heldUntil: new Date() } as const;
  const DELAYED = {
    type: 'ReadinessDelayed',
    status: 'True',
    reason: 'Unschedulable',
    message: 'no node can schedule the pod',
    lastTransitionTime: new Date().toISOString(),
  } as const;

  test.each([
    ['no worker', {}, {}, 'Worker'],
    ['a tenant slot', {}, { status: 'queued', runId: 'run', queuedSince: new Date() }, 'TenantSlot'],
    ['an operator', { status: 'held' }, { status: 'held', runId: 'run', ...HELD }, 'Operator'],
    ['the cluster', { conditions: [DELAYED] }, { status: 'running', runId: 'run', step: 'await-ready' }, 'Readiness'],
    ['nothing', {}, { status: 'running', runId: 'run', step: 'install-release' }, undefined],
    ['nothing at its end', {}, { status: 'succeeded', runId: 'run', endedAt: new Date() }, undefined],
  ] as const)('%s', async (_, columns, operation, reason) => {
    const store = await api.newStore();
    api.records.amend(store.storeId, columns, operation);
    const detail = await operationAt(`/api/operations/${store.operation?.operationId}`);
    expect(detail.waitsFor?.reason).toBe(reason);
    if (reason === 'Readiness') expect(detail.waitsFor?.message).toBe(DELAYED.message);
    if (reason === 'Operator') expect(detail.waitsFor?.until).toBe(HELD.heldUntil.toISOString());
  });

  test('another operation of its store', async () => {
    const { storeId } = await api.newStore();
    api.records.amend(storeId, { status: 'provisioning' }, { status: 'running', runId: 'run-1' });
    const response = await api.app.request(`/api/stores/${storeId}`, { method: 'DELETE' });
    const path = response.headers.get('operation-location') ?? '';
    expect((await operationAt(path)).waitsFor?.reason).toBe('PreviousOperation');
  });

  test('with its place in the queue of the tenant', async () => {
    const stores = [await api.newStore('a'), await api.newStore('b')];
    for (const [index, { storeId }] of stores.entries()) {
      api.records.amend(storeId, {}, { status: 'queued', runId: storeId, queuedSince: new Date(1_000 * index) });
    }
    expect((await operationAt(`/api/operations/${stores[1]?.operation?.operationId}`)).queue).toEqual({
      position: 2,
      length: 2,
    });
  });
});

describe('the expected time of an operation', () => {
  const took = (basedOn: number) => ({ p50Seconds: 30, p90Seconds: 60, basedOn });

  test('comes from past operations, for the whole and for each step', async () => {
    api.records.durations = {
      whole: took(5),
      steps: [
        { step: 'await-ready', ...took(5) },
        { step: 'verify', ...took(1) },
      ],
    };
    const { operation } = await api.newStore();
    expect((await operationAt(`/api/operations/${operation?.operationId}`)).expected).toEqual({
      ...took(5),
      steps: [{ step: 'await-ready', ...took(5) }],
    });
  });

  test('is null while too few operations are known', async () => {
    api.records.durations = { whole: took(2), steps: [] };
    const { operation } = await api.newStore();
    expect((await operationAt(`/api/operations/${operation?.operationId}`)).expected).toBeNull();
  });
});
