import { beforeEach, describe, expect, test } from '@jest/globals';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';
import { Operation, OperationPage } from '../contract/operation.ts';
import { ProblemDetails } from '../contract/problem.ts';
import { Store } from '../contract/store.ts';

let api: ReturnType<typeof fakeApi>;
beforeEach(() => {
  api = fakeApi();
});

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

async function operationAt(path: string): Promise<Operation> {
  const response = await api.app.request(path);
  expect(response.status).toBe(200);
  return Operation.parse(await response.json());
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
