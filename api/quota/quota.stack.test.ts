import { createTenancyRecords } from '../../db/tenancy/index.ts';
import { createEventHub } from '../events/hub.ts';
import { createLiveProgress } from '../events/live.ts';
import { createTenancy } from '../tenants/create-tenancy.ts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createClusterRecords } from '../../db/clusters/cluster-records.ts';
import { createStatisticsRecords } from '../../db/statistics/statistics.ts';
import { createAdminRecords } from '../../db/admin/admin-records.ts';
import { createAuditRecords } from '../../db/audit/audit-records.ts';
import { openDb, type OpenDatabase } from '../../db/connection/open-db.ts';
import { createStores } from '../../db/index.ts';
import { createPeopleRecords } from '../../db/identity/people.ts';
import { auditLog } from '../../db/schema/audit.ts';
import { tenants } from '../../db/schema/tenants.ts';
import { createQuotaRecords } from '../../db/stores/quota-records.ts';
import { activityInput } from '../../test/factories/store-records.ts';
import { MemorySchedules } from '../../test/fakes/memory-schedules.ts';
import { FakeStoreOperations } from '../../test/fakes/fake-store-operations.ts';

import { testIdentification } from '../../test/harness/platform/identification.ts';
import { fakeOrphans } from '../../test/fakes/fake-orphans.ts';
import { readJson } from '../../test/harness/platform/fake-api.ts';
import { createDatabase, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { createApp } from '../app.ts';
import { noAuthentication } from '../auth/authenticator.ts';
import { createHealth } from '../health/health.ts';
import { createRequestLimits } from '../limits/request-limits.ts';
import { createStoreService } from '../stores/service.ts';
import type { Store } from '../contract/store.ts';

const DEFAULTS = { maxStores: 10, maxRunning: 10 };
const now = () => new Date();

let testDatabase: TestDatabase;
const databases: OpenDatabase[] = [];

beforeAll(async () => {
  testDatabase = await createDatabase();
  for (let index = 0; index < 4; index += 1) {
    databases.push(
      openDb({
        databaseUrl: testDatabase.url,
        poolSize: 4,
        applicationName: `api ${index}`,
        log: { warn: () => undefined },
      }),
    );
  }
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await testDatabase.drop();
});

/** Creates an API with its own connections, as each API process has them. */
function instance(database: OpenDatabase, changesPerTenant = 0) {
  const { db, pool } = database;
  const webUi = { url: 'http://127.0.0.1:8233', namespace: 'default' };
  const operations = new FakeStoreOperations();
  const quotas = createQuotaRecords(db, DEFAULTS);
  const records = createStores(db);
  return createApp({
    live: createLiveProgress({ hub: createEventHub(), records, maxStreams: 10, now }),
    stores: createStoreService({
      records,
      operations,
      installation: '0b8e5a52-6f0c-4f3e-9d0d-6d1f6a3c2b11',
      addresses: { scheme: 'http', domain: 'localhost', port: 80 },
      webUi,
      maxStores: DEFAULTS.maxStores,
      now,
    }),
    orphans: { orphans: fakeOrphans([]), maxRemovals: 5, now },
    admin: {
      unaccounted: { list: async () => ({ entries: [], total: 0 }), decide: async () => ({ kind: 'notFound' }) },
      removals: {
        state: async () => ({ state: 'active', reason: null, since: null }),
        confirm: async () => ({ state: 'active', reason: null, since: null }),
      },
      operations,
      records: createAdminRecords(db),
      clusters: createClusterRecords(db),
      statistics: createStatisticsRecords(db),
      schedules: new MemorySchedules(),
      now,
    },
    tenancy: createTenancy(createTenancyRecords(db)),
    auditLog: createAuditRecords(db),
    quotas,
    limits: createRequestLimits({
      pool,
      settings: { perAddress: 0, readsPerPrincipal: 0, changesPerTenant },
      limitOfTenant: (tenantId) => quotas.requestLimitOf(tenantId),
      nowMs: Date.now,
    }),
    health: createHealth({ required: {}, optional: {} }),
    webUi,
    identification: testIdentification({ people: createPeopleRecords(database) }),
    authenticators: [noAuthentication],
    log: pino({ level: 'silent' }),
  });
}

type Api = ReturnType<typeof instance>;

async function create(api: Api, tenant: string, key: string) {
  return await api.request('/api/stores', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key, 'x-tenant-id': tenant },
    body: JSON.stringify({ name: 'Acme', engine: 'medusa' }),
  });
}

async function limitTenant(id: string, limits: Partial<typeof tenants.$inferInsert>): Promise<void> {
  await databases[0]?.db.insert(tenants).values({ id, name: id, createdAt: now(), updatedAt: now(), ...limits });
}

/** Reads a number again and again until `work` ends, and returns the largest. */
async function largestWhile(query: string, work: Promise<unknown>): Promise<number> {
  const [{ pool }] = databases.slice(-1) as [OpenDatabase];
  const state = { hasEnded: false };
  const watched = work.finally(() => {
    state.hasEnded = true;
  });
  let largest = 0;
  while (!state.hasEnded) {
    const { rows } = await pool.query<{ count: number }>(query);
    largest = Math.max(largest, rows[0]?.count ?? 0);
  }
  await watched;
  return largest;
}

test.each([
  ['the limit of the installation', 'unlimited', undefined, 10],
  ['a limit of its own', 'limited', 3, 3],
  ['a limit of 0', 'closed', 0, 0],
])(
  'with %s, a tenant never has more stores at any instant, although three APIs accept requests',
  async (_, tenant, maxStores, limit) => {
    if (maxStores !== undefined) await limitTenant(tenant, { maxStores });
    const apis = databases.slice(0, 3).map((database) => instance(database));
    const requests = Promise.all(
      apis.flatMap((api, number) => Array.from({ length: 8 }, (_slot, key) => create(api, tenant, `${number}-${key}`))),
    );
    const query = `select count(*)::int from stores where tenant_id = '${tenant}' and status <> 'deleted'`;
    expect(await largestWhile(query, requests)).toBeLessThanOrEqual(limit);
    const responses = await requests;
    expect(responses.filter(({ status }) => status === 202)).toHaveLength(limit);
    const refused = responses.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(24 - limit);
    const [first] = refused;
    if (first !== undefined)
      expect(await readJson(first)).toMatchObject({ code: 'QUOTA_EXCEEDED', limit, live: limit });
    const [api] = apis as [Api];
    const quota = await readJson(await api.request('/api/quota', { headers: { 'x-tenant-id': tenant } }));
    expect(quota).toMatchObject({ stores: { limit, used: limit }, runningOperations: { limit: 10, used: 0 } });
  },
);

test('a tenant with a limit of its own never runs more operations at any instant', async () => {
  await limitTenant('runs', { maxRunning: 2 });
  const apis = databases.slice(0, 3).map((database) => instance(database));
  const created = await Promise.all(apis.map(async (api, key) => readJson<Store>(await create(api, 'runs', `${key}`))));
  const workers = databases.slice(0, 3).map(({ db }) => createStores(db));
  const begin = Promise.all(
    created.map(async ({ storeId }, index) => {
      const stores = workers[index % workers.length] as ReturnType<typeof createStores>;
      const store = await stores.get({ tenantId: 'runs', storeId });
      if (store === undefined) throw new Error(`no store ${storeId}`);
      return stores.begin(activityInput(store, 'provision', storeId), now(), { maxRunning: 10 });
    }),
  );
  const query = `select count(*)::int from operations where tenant_id = 'runs' and status = 'running'`;
  expect(await largestWhile(query, begin)).toBeLessThanOrEqual(2);
  expect((await begin).filter((outcome) => 'tenantSlot' in outcome)).toHaveLength(1);
});

test('the changes of a tenant are counted over all APIs', async () => {
  await limitTenant('busy', { maxRequestsPerMinute: 5 });
  const apis = databases.slice(0, 3).map((database) => instance(database, 1_000));
  const statuses = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => (await create(apis[index % 3] as Api, 'busy', `${index}`)).status),
  );
  expect(statuses.filter((status) => status === 202)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  for (const api of apis) {
    for (const key of ['one', 'two', 'three']) expect((await create(api, 'busy', key)).status).toBe(429);
  }
});

test('a new store and its entry in the audit log are one transaction, and a repeated request has an entry of its own', async () => {
  const [{ db }] = databases as [OpenDatabase];
  const api = instance(databases[0] as OpenDatabase);
  const { storeId } = await readJson<Store>(await create(api, 'audited', 'one'));
  await create(api, 'audited', 'one');
  await create(api, 'audited', 'other');
  const log = createAuditRecords(db);
  const page = await log.listOfTenant({ tenantId: 'audited', limit: 2 });
  expect(page.next).not.toBeNull();
  const rest = await log.listOfTenant({ tenantId: 'audited', limit: 2, after: page.next ?? 0 });
  const entries = [...page.entries, ...rest.entries];
  expect(entries.map(({ target }) => target)).toEqual([expect.any(String), `store/${storeId}`, `store/${storeId}`]);
  expect(rest.entries[0]).toMatchObject({
    tenantId: 'audited',
    actor: 'anonymous',
    principal: 'anonymous',
    action: 'createStore',
    outcome: 'succeeded',
    change: { name: 'Acme', engine: 'medusa' },
  });
  expect((await log.listOfTenant({ tenantId: 'nobody', limit: 10 })).entries).toEqual([]);
  expect(await db.select({ id: auditLog.id }).from(auditLog)).not.toEqual([]);
});
