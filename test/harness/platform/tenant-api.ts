import { randomUUID } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { pino } from 'pino';
import type { AppEnv } from '../../../api/app-env.ts';
import { createEventHub } from '../../../api/events/hub.ts';
import { createLiveProgress } from '../../../api/events/live.ts';
import { createApp } from '../../../api/app.ts';
import type { Authenticator } from '../../../api/auth/authenticator.ts';
import { createTokenAuthenticator } from '../../../api/auth/token-authenticator.ts';
import { createHealth } from '../../../api/health/health.ts';
import { createStoreService } from '../../../api/stores/service.ts';
import { createTenancy } from '../../../api/tenants/create-tenancy.ts';
import { createClusterRecords } from '../../../db/clusters/cluster-records.ts';
import { createStatisticsRecords } from '../../../db/statistics/statistics.ts';
import { createAdminRecords } from '../../../db/admin/admin-records.ts';
import { openWebhookService } from '../../../api/webhooks/open.ts';
import { createAuditRecords } from '../../../db/audit/audit-records.ts';
import { openDb, type OpenDatabase } from '../../../db/connection/open-db.ts';
import { createPeopleRecords } from '../../../db/identity/people.ts';
import { createStores, createTokenReads } from '../../../db/index.ts';
import { createOrphanRecords } from '../../../db/reconcile/orphans.ts';
import { createRemovalRecords } from '../../../db/reconcile/removals.ts';
import { createUnaccountedRecords } from '../../../db/reconcile/unaccounted.ts';
import { members, tenants } from '../../../db/schema/tenants.ts';
import { users } from '../../../db/schema/users.ts';
import { createQuotaRecords } from '../../../db/stores/quota-records.ts';
import { createTenancyRecords } from '../../../db/tenancy/index.ts';
import type { Role } from '../../../domain/access/roles.ts';
import type { TenancyRecords } from '../../../domain/ports/tenancy-records.ts';
import { MemorySchedules } from '../../fakes/memory-schedules.ts';
import { FakeStoreOperations } from '../../fakes/fake-store-operations.ts';
import { closeAll } from '../close-all.ts';
import { createDatabase, uniqueName } from '../stack/stack.ts';
import { testIdentification } from './identification.ts';
import { testWebhookSettings } from './webhooks.ts';

type App = OpenAPIHono<AppEnv>;

/** A request as a person with a browser session, or with an API token. */
export interface Sent {
  readonly method?: string;
  /** User id of the person. */
  readonly as?: string;
  readonly token?: string;
  readonly tenant?: string;
  readonly key?: string;
  readonly body?: unknown;
  /** Default: the first API process. */
  readonly app?: App;
}

/** API processes over one Postgres database, without a socket, with tenants and people. Temporal is a fake. */
export interface TenantApi {
  readonly app: App;
  readonly database: OpenDatabase;
  readonly records: TenancyRecords;
  /** Moves the clock of all processes. */
  advance(seconds: number): void;
  /** Returns another API process with its own connections. */
  newProcess(options?: { readonly poolSize?: number }): App;
  newTenant(): Promise<string>;
  newUser(options?: { readonly email?: string; readonly isOperator?: boolean }): Promise<string>;
  newMember(tenantId: string, role: Role): Promise<string>;
  send(path: string, sent?: Sent): Promise<Response>;
  /** Sends a request and returns the body. @throws Error for an error response */
  read<Body>(path: string, sent?: Sent): Promise<Body>;
  drop(): Promise<void>;
}

export async function openTenantApi(): Promise<TenantApi> {
  const testDatabase = await createDatabase();
  const opened: OpenDatabase[] = [];
  let offsetMs = 0;
  const now = () => new Date(Date.now() + offsetMs);

  function newProcess({ poolSize = 10 }: { readonly poolSize?: number } = {}): App {
    const log = pino({ level: 'silent' });
    const database = openDb({ databaseUrl: testDatabase.url, poolSize, applicationName: 'tenant test', log });
    opened.push(database);
    return appOf(database, now);
  }

  const app = newProcess();
  const [database] = opened;
  if (database === undefined) throw new Error('no database is open');

  async function newTenant(): Promise<string> {
    const id = uniqueName('tenant');
    await database?.db.insert(tenants).values({ id, name: id, createdAt: now(), updatedAt: now() });
    return id;
  }

  async function newUser({ email, isOperator = false }: { email?: string; isOperator?: boolean } = {}) {
    const id = randomUUID();
    const local = { issuer: 'local', subject: id, passwordHash: 'none', createdAt: now() };
    await database?.db.insert(users).values({ id, ...local, email: email ?? `${id}@example.com`, isOperator });
    return id;
  }

  async function newMember(tenantId: string, role: Role): Promise<string> {
    const userId = await newUser();
    await database?.db.insert(members).values({ tenantId, userId, role, createdAt: now() });
    return userId;
  }

  async function send(path: string, sent: Sent = {}): Promise<Response> {
    const { method = sent.body === undefined ? 'GET' : 'POST', as, token, tenant, key = randomUUID(), body } = sent;
    const credential = token ?? (as === undefined ? undefined : `user:${as}`);
    return await (sent.app ?? app).request(path, {
      method,
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key,
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function read<Body>(path: string, sent?: Sent): Promise<Body> {
    const response = await send(path, sent);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  }

  const drop = () => closeAll(...opened.map((each) => () => each.close()), () => testDatabase.drop());
  const advance = (seconds: number): void => void (offsetMs += seconds * 1_000);
  const records = createTenancyRecords(database.db);
  return { app, database, records, advance, newProcess, newTenant, newUser, newMember, send, read, drop };
}

function appOf(database: OpenDatabase, now: () => Date): App {
  const operations = new FakeStoreOperations();
  const webUi = { url: 'http://127.0.0.1:8233', namespace: 'default' };
  const records = createTenancyRecords(database.db);
  const stores = createStores(database.db);
  const onUnexpected = (error: unknown) => {
    throw error;
  };
  return createApp({
    live: createLiveProgress({ hub: createEventHub(), records: stores, maxStreams: 10, now }),
    stores: createStoreService({
      records: stores,
      operations,
      installation: '0b8e5a52-6f0c-4f3e-9d0d-6d1f6a3c2b11',
      addresses: { scheme: 'http', domain: 'localhost', port: 80 },
      webUi,
      maxStores: 100,
      now,
    }),
    orphans: { orphans: createOrphanRecords(database.db), maxRemovals: 5, now },
    admin: {
      unaccounted: createUnaccountedRecords(database.db),
      removals: createRemovalRecords(database.db),
      operations,
      records: createAdminRecords(database.db),
      clusters: createClusterRecords(database.db),
      statistics: createStatisticsRecords(database.db),
      schedules: new MemorySchedules(),
      now,
    },
    webhooks: openWebhookService(testWebhookSettings, database.db),
    tenancy: createTenancy(records, { hashPassword: async (password) => `hash of ${password.length}`, now }),
    auditLog: createAuditRecords(database.db),
    quotas: createQuotaRecords(database.db, { maxStores: 100, maxRunning: 10 }),
    health: createHealth({ required: { database: () => database.ping() }, optional: {} }),
    webUi,
    identification: testIdentification({ people: createPeopleRecords(database) }),
    authenticators: [
      createTokenAuthenticator({ tokens: records, reads: createTokenReads(database.db), now, onUnexpected }),
      sessionsOf(records),
    ],
    log: pino({ level: 'silent' }),
  });
}

/** Authenticates `Bearer user:<id>` as a browser session of the user. */
function sessionsOf(records: TenancyRecords): Authenticator {
  return {
    credentialOf: (header) => /^Bearer user:(.+)$/.exec(header('authorization') ?? '')?.[1],
    authenticate: async (userId, requestedTenant) => {
      const own = await records.listTenantsOf({ userId, limit: 1 });
      const tenantId = requestedTenant ?? own.entries[0]?.id;
      const role = tenantId === undefined ? undefined : await records.roleOf({ tenantId, userId });
      const isOperator = (await records.roleOf({ tenantId: '', userId })) === 'admin';
      return {
        principal: { kind: 'user', userId, sessionId: 'session' },
        isOperator,
        scopes: null,
        membership: tenantId === undefined || role === undefined ? null : { tenantId, role },
      };
    },
  };
}
