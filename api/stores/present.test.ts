import { expect, test } from '@jest/globals';
import { FakeStoreRequests } from '../../test/fakes/fake-store-requests.ts';
import type { OperationRecord, StoreRecord } from '../../db/index.ts';
import { draftStore } from './draft.ts';
import { toStore } from './present.ts';
import { Store } from '../contract/store.ts';

const WEB_UI = { url: 'http://127.0.0.1:8233/', namespace: 'my team' };
const AT = new Date('2026-01-31T12:00:00.000Z');

async function newRecord(
  columns: Partial<Omit<StoreRecord, 'operation' | 'pending'>> = {},
  operation: Partial<OperationRecord> = {},
  port = 80,
): Promise<StoreRecord> {
  const records = new FakeStoreRequests();
  const body = { name: 'Acme Shoes', engine: 'woocommerce' } as const;
  const draft = draftStore({
    installation: 'i',
    tenantId: 't',
    idempotencyKey: 'k',
    body,
    addresses: { scheme: 'http', domain: 'localhost', port },
  });
  await records.create({
    ...draft,
    idempotencyKey: 'k',
    requestHash: 'h',
    requestedBy: 't',
    correlationId: 'c',
    maxStores: 1,
    now: AT,
  });
  return records.amend(draft.id, columns, operation);
}

test('shows a requested store with its pending operation and without URLs', async () => {
  const record = await newRecord();
  expect(toStore(record, WEB_UI)).toEqual({
    storeId: record.id,
    name: 'Acme Shoes',
    engine: 'woocommerce',
    cluster: 'default',
    status: 'requested',
    slug: record.slug,
    namespace: `store-${record.slug}`,
    releaseName: record.slug,
    chartVersion: record.chartVersion,
    servesTraffic: false,
    servesTrafficReason: 'The platform has not seen the nodes of the cluster yet.',
    verification: null,
    urls: { storefront: null, admin: null },
    operation: {
      operationId: record.operation.id,
      storeId: record.id,
      kind: 'provision',
      status: 'requested',
      step: null,
      workflowId: `store/${record.id}`,
      runId: null,
      webUrl: `http://127.0.0.1:8233/namespaces/my%20team/workflows/store%2F${record.id}`,
      requestedBy: 't',
      correlationId: 'c',
      idempotencyKey: 'k',
      failure: null,
      queuedSince: null,
      heldUntil: null,
      cancelRequestedAt: null,
      deletePlan: null,
      undeleteRequestedAt: null,
      requestedAt: AT.toISOString(),
      startedAt: null,
      endedAt: null,
    },
    failure: null,
    drift: null,
    conditions: [],
    degraded: null,
    lastVerifiedAt: null,
    onFailure: 'cleanup',
    overrides: null,
    volumePolicy: 'delete',
    undeleteUntil: null,
    allowedActions: ['cancel', 'retry', 'delete'],
    createdAt: AT.toISOString(),
    updatedAt: AT.toISOString(),
    readyAt: null,
    deletedAt: null,
  });
});

test('links a running operation to its run', async () => {
  const record = await newRecord({ status: 'provisioning' }, { status: 'running', runId: 'r-1', step: 'await-ready' });
  expect(toStore(record, WEB_UI).operation).toMatchObject({
    step: 'await-ready',
    webUrl: `http://127.0.0.1:8233/namespaces/my%20team/workflows/store%2F${record.id}/r-1`,
  });
});

test('shows a requested delete as the operation before its run begins', async () => {
  const requestedAt = new Date('2026-02-01T12:00:00.000Z');
  const ready = await newRecord({ status: 'ready', readyAt: AT }, { status: 'succeeded', runId: 'r-1', endedAt: AT });
  const pending = { ...ready.operation, kind: 'delete', runId: null, endedAt: null, requestedAt } as const;
  expect(toStore({ ...ready, pending }, WEB_UI).operation).toMatchObject({
    kind: 'delete',
    runId: null,
    step: null,
    requestedAt: requestedAt.toISOString(),
  });
  expect(toStore({ ...ready, status: 'deleted', deletedAt: AT }, WEB_UI).operation).toBeNull();
});

test.each([
  [80, ''],
  [8080, ':8080'],
])('shows the URLs of a ready store on port %i', async (port, suffix) => {
  const record = await newRecord({ status: 'ready', readyAt: AT }, { status: 'succeeded', endedAt: AT }, port);
  const resource = toStore(record, WEB_UI);
  expect(resource.operation).toBeNull();
  expect(resource.urls).toEqual({
    storefront: `http://${record.slug}.localhost${suffix}/`,
    admin: `http://${record.slug}.localhost${suffix}/wp-admin/`,
  });
});

test.each([
  ['CRASH_LOOP', true],
  ['CHART_INVALID', false],
] as const)('shows whether a retry can help a store that failed with %s: %s', async (failureCode, retryable) => {
  const failure = {
    failureCode,
    failureMessage: 'it broke',
    failureStep: 'await-ready',
    failureEvidence: { object: 'Pod/storefront', events: ['BackOff'] },
  } as const;
  const record = await newRecord({ status: 'failed' }, { status: 'failed', endedAt: AT, ...failure });
  const resource = toStore(record, WEB_UI);
  expect(resource.failure).toEqual({
    code: failureCode,
    message: 'it broke',
    step: 'await-ready',
    retryable,
    evidence: { object: 'Pod/storefront', events: ['BackOff'] },
  });
  expect(Store.parse(resource)).toEqual(resource);
});
