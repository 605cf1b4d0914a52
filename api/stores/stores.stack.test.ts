import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { installationOf } from '../../db/connection/installation.ts';
import { openDb, type OpenDatabase } from '../../db/connection/open-db.ts';
import { createPeopleRecords } from '../../db/identity/people.ts';
import { testIdentification } from '../../test/harness/platform/identification.ts';
import { createOrphanRecords } from '../../db/reconcile/orphans.ts';
import { createRemovalRecords } from '../../db/reconcile/removals.ts';
import { createUnaccountedRecords } from '../../db/reconcile/unaccounted.ts';
import { createClusterRecords } from '../../db/clusters/cluster-records.ts';
import { createStatisticsRecords } from '../../db/statistics/statistics.ts';
import { createAdminRecords } from '../../db/admin/admin-records.ts';
import { createAuditRecords } from '../../db/audit/audit-records.ts';
import { createQuotaRecords } from '../../db/stores/quota-records.ts';
import { createStores } from '../../db/index.ts';
import { createTenancyRecords } from '../../db/tenancy/index.ts';
import { StoreError } from '../../domain/failure.ts';
import { workflowIdOf } from '../../domain/names.ts';
import { createScheduleControl } from '../../temporal/schedule-control.ts';
import { createStoreOperations } from '../../temporal/store-operations.ts';
import { readJson } from '../../test/harness/platform/fake-api.ts';
import { createDatabase, uniqueName, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../../test/harness/stack/temporal-namespace.ts';
import { createApp } from '../app.ts';
import { noAuthentication } from '../auth/authenticator.ts';
import { createEventHub } from '../events/hub.ts';
import { createLiveProgress } from '../events/live.ts';
import { createHealth } from '../health/health.ts';
import { createTenancy } from '../tenants/create-tenancy.ts';
import { createStoreService } from './service.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';
import type { Store } from '../contract/store.ts';

const MAX_STORES = 10;

let temporal: TestNamespace;
let testDatabase: TestDatabase;
let database: OpenDatabase;
let operations: StoreOperations;
let installation: string;

beforeAll(async () => {
  [temporal, testDatabase] = await Promise.all([createTemporalNamespace(), createDatabase()]);
});
afterAll(async () => {
  await temporal.close();
  await testDatabase.drop();
});

// All tests have the same caller, so each test begins with an empty database.
beforeEach(async () => {
  const log = pino({ level: 'silent' });
  database = openDb({ databaseUrl: testDatabase.url, poolSize: 10, applicationName: 'api test', log });
  installation = await installationOf(database.db);
  operations = createStoreOperations(temporal.client, installation);
  await database.pool.query('truncate stores, operations, store_events, tenant_quotas, tenant_clusters');
});
afterEach(() => database.close());

/** Creates the API as `main.ts` does, without a socket. No worker runs. */
function api(overrides: { readonly operations?: StoreOperations } = {}) {
  const webUi = { url: 'http://127.0.0.1:8233', namespace: temporal.namespace };
  const health = createHealth({
    required: { database: () => database.ping() },
    optional: { temporal: () => operations.ping() },
  });
  const records = createStores(database.db);
  const now = () => new Date();
  const live = createLiveProgress({ hub: createEventHub(), records, maxStreams: 10, now });
  const stores = createStoreService({
    records,
    operations: overrides.operations ?? operations,
    installation,
    addresses: { scheme: 'http', domain: 'localhost', port: 80 },
    webUi,
    maxStores: MAX_STORES,
    now: () => new Date(),
  });
  const orphans = { orphans: createOrphanRecords(database.db), maxRemovals: 5, now: () => new Date() };
  const admin = {
    unaccounted: createUnaccountedRecords(database.db),
    removals: createRemovalRecords(database.db),
    operations,
    records: createAdminRecords(database.db),
    clusters: createClusterRecords(database.db),
    statistics: createStatisticsRecords(database.db),
    schedules: createScheduleControl(temporal.client, installation),
    now: () => new Date(),
  };
  return createApp({
    stores,
    live,
    orphans,
    admin,
    tenancy: createTenancy(createTenancyRecords(database.db)),
    auditLog: createAuditRecords(database.db),
    quotas: createQuotaRecords(database.db, { maxStores: MAX_STORES, maxRunning: 10 }),
    health,
    webUi,
    identification: testIdentification({ people: createPeopleRecords(database) }),
    authenticators: [noAuthentication],
    log: pino({ level: 'silent' }),
  });
}

async function post(app: ReturnType<typeof api>, key: string): Promise<Response> {
  return await app.request('/api/stores', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ name: 'Acme Shoes', engine: 'woocommerce' }),
  });
}

/** Returns the ids of all runs of a store in Temporal. */
async function runsOf(storeId: string): Promise<readonly string[]> {
  const runs: string[] = [];
  const { executions } = await temporal.client.workflowService.listWorkflowExecutions({
    namespace: temporal.namespace,
    query: `WorkflowId = '${workflowIdOf(storeId)}'`,
  });
  for (const { execution } of executions) if (execution?.runId) runs.push(execution.runId);
  return runs;
}

async function isRunning(storeId: string): Promise<boolean> {
  const description = await temporal.client.workflow.getHandle(workflowIdOf(storeId)).describe();
  return description.status.name === 'RUNNING';
}

describe('the API with a real database and a real Temporal', () => {
  test('creates one store, one event and one run for 20 equal requests at the same time to two processes', async () => {
    const apps = [api(), api({ operations: createStoreOperations(temporal.client, installation) })] as const;
    const key = uniqueName();
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, index) => post(apps[index % 2 === 0 ? 0 : 1], key)),
    );
    const stores = await Promise.all(responses.map((response) => readJson<Store>(response)));
    expect(new Set(responses.map((response) => response.status))).toEqual(new Set([202]));
    expect(new Set(stores.map((store) => store.storeId)).size).toBe(1);
    expect(responses.filter((response) => !response.headers.has('idempotency-replayed'))).toHaveLength(1);
    const [store] = stores;
    if (store === undefined) throw new Error('no store');
    expect(await isRunning(store.storeId)).toBe(true);
    expect((await runsOf(store.storeId)).length).toBeLessThanOrEqual(1);
    const events = await readJson<{ data: unknown[] }>(await apps[0].request(`/api/stores/${store.storeId}/events`));
    expect(events.data).toHaveLength(1);
  });

  test('creates exactly 10 stores for 50 concurrent requests with a quota of 10', async () => {
    const app = api();
    const responses = await Promise.all(Array.from({ length: 50 }, (_, index) => post(app, `order-${index}`)));
    const statuses = responses.map((response) => response.status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(MAX_STORES);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50 - MAX_STORES);
    expect(await (await app.request('/api/stores?count=true')).json()).toMatchObject({
      pagination: { total: MAX_STORES },
    });
  });

  test('starts a store when the request is repeated after a process ended between record and start', async () => {
    const unavailable = new StoreError('ORCHESTRATOR_UNAVAILABLE', 'Temporal does not answer');
    const withoutStart: StoreOperations = { ...operations, start: () => Promise.reject(unavailable) };
    const key = uniqueName();
    const store = await readJson<Store>(await post(api({ operations: withoutStart }), key));
    await expect(isRunning(store.storeId)).rejects.toThrow();
    const again = await post(api(), key);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await readJson<Store>(again)).toMatchObject({ storeId: store.storeId });
    expect(await isRunning(store.storeId)).toBe(true);
  });

  test('cancels a running provision when the store is deleted', async () => {
    const app = api();
    const store = await readJson<Store>(await post(app, uniqueName()));
    expect((await app.request(`/api/stores/${store.storeId}`, { method: 'DELETE' })).status).toBe(202);
    const history = await temporal.client.workflow.getHandle(workflowIdOf(store.storeId)).fetchHistory();
    expect(history.events?.filter((event) => event.workflowExecutionCancelRequestedEventAttributes)).toHaveLength(1);
    // The delete has taken the place of the provision, and a delete cannot be cancelled.
    expect((await app.request(`/api/stores/${store.storeId}/cancel`, { method: 'POST' })).status).toBe(409);
  });

  test('reports that it is ready, and lists stores in stable pages, newest first', async () => {
    const app = api();
    for (const key of ['a', 'b', 'c']) await post(app, key);
    const list = async (query: string) =>
      (await readJson<{ data: Store[] }>(await app.request(`/api/stores?${query}`))).data.map(({ storeId: id }) => id);
    const all = await list('');
    expect([...(await list('limit=2')), ...(await list('limit=2&offset=2'))]).toEqual(all);
    expect((await app.request('/health/ready')).status).toBe(200);
  });

  test('shows no details of the database when the database is unavailable', async () => {
    const app = api();
    await database.close();
    const response = await app.request('/api/stores');
    expect(response.status).toBe(503);
    expect(await response.text()).not.toMatch(/pool|select|pg|ECONN/i);
    expect((await app.request('/health/live')).status).toBe(200);
  });
});
