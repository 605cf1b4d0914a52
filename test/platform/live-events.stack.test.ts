import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createParser } from 'eventsource-parser';
import { noAuthentication, DEFAULT_TENANT } from '../../api/auth/authenticator.ts';
import { createApp } from '../../api/app.ts';
import { createEventHub } from '../../api/events/hub.ts';
import { createLiveProgress } from '../../api/events/live.ts';
import { createHealth } from '../../api/health/health.ts';
import { listen } from '../../api/server.ts';
import { createStoreService } from '../../api/stores/service.ts';
import { createTenancy } from '../../api/tenants/create-tenancy.ts';
import { listenForChanges } from '../../db/connection/listener.ts';
import { migrateDatabase } from '../../db/connection/migrate.ts';
import { createClusterRecords } from '../../db/clusters/cluster-records.ts';
import { createStatisticsRecords } from '../../db/statistics/statistics.ts';
import { createAdminRecords } from '../../db/admin/admin-records.ts';
import { openDb, type OpenDatabase } from '../../db/connection/open-db.ts';
import { createStores } from '../../db/index.ts';
import { createTenancyRecords } from '../../db/tenancy/index.ts';
import { createConditionRecords } from '../../db/stores/conditions.ts';
import { createQuotaRecords } from '../../db/stores/quota-records.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { freePorts } from '../../temporal-dev/processes/ports.ts';
import { openStateFolder } from '../../temporal-dev/processes/state-folder.ts';
import { createSupervisor, type Supervisor } from '../../temporal-dev/processes/supervisor.ts';
import { startPostgres } from '../../temporal-dev/services/postgres.ts';
import { createInput } from '../factories/store-records.ts';
import { fakeOrphans } from '../fakes/fake-orphans.ts';
import { FakePeople } from '../fakes/fake-people.ts';
import { MemorySchedules } from '../fakes/memory-schedules.ts';
import { FakeStoreOperations } from '../fakes/fake-store-operations.ts';
import { MemoryAuditLog } from '../fakes/memory-audit-log.ts';
import { eventually } from '../harness/eventually.ts';
import { testIdentification } from '../harness/platform/identification.ts';

const CLIENTS = 100;
const STORES = 4;
/** Changes of each store. The database restarts in the middle. */
const CHANGES = 30;
const RECONNECT_MS = 1_000;

const log = createLogger({ service: 'api', level: 'silent' });
const now = () => new Date();

let folder: string;
let supervisor: Supervisor;
let start: () => Promise<string>;
let databaseUrl: string;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'live-events-'));
  const ports = await freePorts();
  start = async () => {
    supervisor = createSupervisor(openStateFolder(join(folder, 'processes')));
    const { DATABASE_URL = '' } = await startPostgres({
      supervisor,
      folder: openStateFolder(join(folder, 'state')),
      ports,
      toolPath: String,
      signal: new AbortController().signal,
      durable: true, // no committed event may be lost
      report: () => undefined,
    });
    return DATABASE_URL;
  };
  databaseUrl = await start();
  await migrateDatabase(databaseUrl);
});
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
  await supervisor.stopAll();
  rmSync(folder, { recursive: true });
});

function open(applicationName: string): OpenDatabase {
  const database = openDb({ databaseUrl, poolSize: 8, applicationName, log });
  closing.push(() => database.close());
  return database;
}

/** Starts the API without Temporal. Returns its address. */
async function startApi(): Promise<string> {
  const database = open('api');
  const records = createStores(database.db);
  const operations = new FakeStoreOperations();
  const hub = createEventHub({ isListening: () => listener.isListening() });
  const listener = listenForChanges({
    databaseUrl,
    applicationName: 'api listener',
    onChange: hub.changed,
    onGap: hub.wakeAll,
    log,
  });
  const webUi = { url: 'http://127.0.0.1:8233', namespace: 'default' };
  const app = createApp({
    stores: createStoreService({
      records,
      operations,
      installation: '0b8e5a52-6f0c-4f3e-9d0d-6d1f6a3c2b11',
      addresses: { scheme: 'http', domain: 'localhost', port: 80 },
      webUi,
      maxStores: 10,
      now,
    }),
    live: createLiveProgress({ hub, records, maxStreams: 10 * CLIENTS, now }),
    orphans: { orphans: fakeOrphans([]), maxRemovals: 5, now },
    admin: {
      unaccounted: { list: async () => ({ entries: [], total: 0 }), decide: async () => ({ kind: 'notFound' }) },
      removals: {
        state: async () => ({ state: 'active', reason: null, since: null }),
        confirm: async () => ({ state: 'active', reason: null, since: null }),
      },
      operations,
      records: createAdminRecords(database.db),
      clusters: createClusterRecords(database.db),
      statistics: createStatisticsRecords(database.db),
      schedules: new MemorySchedules(),
      now,
    },
    tenancy: createTenancy(createTenancyRecords(database.db)),
    auditLog: new MemoryAuditLog(),
    quotas: createQuotaRecords(database.db, { maxStores: 10, maxRunning: 10 }),
    identification: testIdentification({ people: new FakePeople() }),
    health: createHealth({ required: {}, optional: {} }),
    webUi,
    authenticators: [noAuthentication],
    log,
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  closing.push(listener.close, async () => {
    hub.shutDown();
    await server.close(5_000);
  });
  return server.url;
}

/** Changes conditions of a store, also when the database does not answer, until a number of changes is committed. */
async function write(writer: OpenDatabase, storeId: string, onWritten: () => void): Promise<void> {
  const records = createConditionRecords(writer.db);
  for (let count = 0; count < CHANGES;) {
    const status = count % 2 === 0 ? 'True' : 'False';
    const condition = { type: 'DataMissing', status, reason: 'Test', message: `change ${count}` } as const;
    try {
      await records.setCondition({ storeId, condition }, now());
      count += 1;
      onWritten();
    } catch {
      await delay(50); // the database does not answer; a change that was committed is not written again
    }
    await delay(Math.random() * 60);
  }
}

/**
 * Follows a stream, with a new connection each second, and records the id of each message that arrives. Not by `fetch`: a
 * hundred of its streams would take the processor from the API.
 */
async function follow(url: string, seen: number[], isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const isOpened = await readForAWhile(url, seen).catch(() => false);
    if (!isOpened) await delay(100 + Math.random() * 200); // the database does not answer
  }
}

/** Reads a stream for about a second. Returns false if the response is no stream. */
async function readForAWhile(url: string, seen: number[]): Promise<boolean> {
  const headers = { accept: 'text/event-stream', 'last-event-id': String(seen.at(-1) ?? 0) };
  const request = get(url, { agent: false, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const timer = setTimeout(() => request.destroy(), RECONNECT_MS * (0.5 + Math.random()));
  const parser = createParser({ onEvent: ({ id }) => void seen.push(Number(id)) });
  try {
    for await (const chunk of response.setEncoding('utf8')) if (response.statusCode === 200) parser.feed(String(chunk));
  } catch {
    // This client has closed the connection.
  } finally {
    clearTimeout(timer);
  }
  return response.statusCode === 200;
}

test('100 clients that reconnect each second miss no event and get none twice while Postgres restarts', async () => {
  const url = await startApi();
  const writer = open('worker');
  const stores = createStores(writer.db);
  const ids: string[] = [];
  for (let count = 0; count < STORES; count += 1) {
    const created = await stores.create(createInput({ tenantId: DEFAULT_TENANT }));
    if (created.kind !== 'created') throw new Error(`expected a new store, got ${created.kind}`);
    ids.push(created.store.id);
  }

  let isDone = false;
  const clients = Array.from({ length: CLIENTS }, (_, index) => ({
    storeId: index % 4 === 0 ? undefined : ids[index % STORES],
    seen: [] as number[],
  }));
  const following = clients.map(({ storeId, seen }) =>
    follow(`${url}/api${storeId === undefined ? '' : `/stores/${storeId}`}/events`, seen, () => isDone),
  );
  let written = 0;
  const onWritten = (): void => void (written += 1);
  const writing = ids.map((storeId) => write(writer, storeId, onWritten));
  await eventually(() => written >= (STORES * CHANGES) / 3, { deadlineMs: 120_000 });
  await supervisor.stopAll();
  await delay(1_000);
  await start();
  await Promise.all(writing);

  const last = new Map<string | undefined, number>();
  for (const storeId of ids) last.set(storeId, (await stores.get({ tenantId: DEFAULT_TENANT, storeId }))?.lastSeq ?? 0);
  last.set(
    undefined,
    [...last.values()].reduce((sum, count) => sum + count, 0),
  );
  await eventually(() => clients.every(({ storeId, seen }) => (seen.at(-1) ?? 0) >= (last.get(storeId) ?? 0)), {
    deadlineMs: 120_000,
  });
  isDone = true;
  await Promise.all(following);
  for (const { storeId, seen } of clients) {
    expect(seen).toEqual(Array.from({ length: last.get(storeId) ?? 0 }, (_, index) => index + 1));
  }
  expect(Math.min(...last.values())).toBeGreaterThan(CHANGES);
}, 300_000);
