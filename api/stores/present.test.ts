import { expect, test } from '@jest/globals';
import { FakeStoreRequests } from '../../test/fakes/fake-store-requests.ts';
import type { StoreRecord } from '../../db/index.ts';
import { Store } from '../contract/schemas.ts';
import { draftStore } from './draft.ts';
import { toStoreResource } from './present.ts';

const WEB_UI = { url: 'http://127.0.0.1:8233/', namespace: 'my team' };
const AT = new Date('2026-01-31T12:00:00.000Z');

async function aRecord(columns: Partial<StoreRecord> = {}, port = 80): Promise<StoreRecord> {
  const records = new FakeStoreRequests();
  const body = { name: 'Acme Shoes', engine: 'woocommerce' } as const;
  const draft = draftStore({ tenantId: 't', idempotencyKey: 'k', body, addresses: { domain: 'localhost', port } });
  await records.create({
    ...draft,
    idempotencyKey: 'k',
    requestHash: 'h',
    correlationId: 'c',
    maxStores: 1,
    now: AT,
  });
  return records.amend(draft.id, columns);
}

test('a store that was just requested waits for its run and is served nowhere', async () => {
  const record = await aRecord();
  expect(toStoreResource(record, WEB_UI)).toEqual({
    id: record.id,
    name: 'Acme Shoes',
    engine: 'woocommerce',
    status: 'requested',
    namespace: `store-${record.slug}`,
    release: record.slug,
    chartVersion: record.chartVersion,
    nodes: 'unknown',
    verification: null,
    urls: { storefront: null, admin: null },
    operation: {
      kind: 'provision',
      workflowId: `store/${record.id}`,
      runId: null,
      step: null,
      since: AT.toISOString(),
      webUrl: `http://127.0.0.1:8233/namespaces/my%20team/workflows/store%2F${record.id}`,
    },
    failure: null,
    drift: null,
    degraded: null,
    lastVerifiedAt: null,
    onFailure: 'cleanup',
    overrides: null,
    heldUntil: null,
    volumePolicy: 'delete',
    undeleteUntil: null,
    allowedActions: ['cancel', 'retry', 'delete'],
    createdAt: AT.toISOString(),
    updatedAt: AT.toISOString(),
    readyAt: null,
    deletedAt: null,
  });
});

test('a running operation links to its very run', async () => {
  const record = await aRecord({ status: 'provisioning', operationRunId: 'r-1', operationStep: 'await-ready' });
  expect(toStoreResource(record, WEB_UI).operation).toMatchObject({
    step: 'await-ready',
    webUrl: `http://127.0.0.1:8233/namespaces/my%20team/workflows/store%2F${record.id}/r-1`,
  });
});

test('a delete that was asked for is the operation before its run begins', async () => {
  const requestedAt = new Date('2026-02-01T12:00:00.000Z');
  const columns = {
    status: 'ready',
    operationRunId: 'r-1',
    operationEndedAt: AT,
    deleteRequestedAt: requestedAt,
  } as const;
  expect(toStoreResource(await aRecord(columns), WEB_UI).operation).toMatchObject({
    kind: 'delete',
    runId: null,
    step: null,
    since: requestedAt.toISOString(),
  });
  expect(toStoreResource(await aRecord({ ...columns, status: 'deleted' }), WEB_UI).operation).toBeNull();
});

test.each([
  [80, ''],
  [8080, ':8080'],
])('a store that is ready says where it is served on port %i', async (port, suffix) => {
  const record = await aRecord({ status: 'ready', readyAt: AT, operationEndedAt: AT }, port);
  const resource = toStoreResource(record, WEB_UI);
  expect(resource.operation).toBeNull();
  expect(resource.urls).toEqual({
    storefront: `http://${record.slug}.localhost${suffix}/`,
    admin: `http://${record.slug}.localhost${suffix}/wp-admin/`,
  });
});

test.each([
  ['CRASH_LOOP', true],
  ['CHART_INVALID', false],
] as const)('a store that failed with %s tells whether a retry can help: %s', async (failureCode, retryable) => {
  const record = await aRecord({
    status: 'failed',
    operationEndedAt: AT,
    failureCode,
    failureMessage: 'it broke',
    failureStep: 'await-ready',
    failureEvidence: { object: 'Pod/storefront', events: ['BackOff'] },
  });
  const resource = toStoreResource(record, WEB_UI);
  expect(resource.failure).toEqual({
    code: failureCode,
    message: 'it broke',
    step: 'await-ready',
    retryable,
    evidence: { object: 'Pod/storefront', events: ['BackOff'] },
  });
  expect(Store.parse(resource)).toEqual(resource);
});
