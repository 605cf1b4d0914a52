import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { freePorts } from '../../temporal-dev/processes/ports.ts';
import { openStateFolder } from '../../temporal-dev/processes/state-folder.ts';
import { createSupervisor, type Supervisor } from '../../temporal-dev/processes/supervisor.ts';
import { startPostgres } from '../../temporal-dev/services/postgres.ts';
import { openTcpProxy, type TcpProxy } from '../../test/faults/environment/tcp-proxy.ts';
import { signalTree } from '../../test/harness/process-tree.ts';
import { createDatabase, eventually, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { createStores } from '../index.ts';
import { migrateDatabase } from './migrate.ts';
import { openDb, type OpenDatabase } from './open-db.ts';

const SILENT = { warn: () => undefined };
const POOL_SIZE = 5;

const opened: OpenDatabase[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

function open(databaseUrl: string, limits: Parameters<typeof openDb>[0]['limits'] = {}): OpenDatabase {
  const database = openDb({ databaseUrl, poolSize: POOL_SIZE, applicationName: 'frozen', log: SILENT, limits });
  opened.push(database);
  return database;
}

/** Opens every connection of the pool. */
async function warm({ db }: OpenDatabase): Promise<void> {
  await Promise.all(Array.from({ length: POOL_SIZE }, () => db.execute(sql`select pg_sleep(0.05)`)));
}

function inUse({ pool }: OpenDatabase): number {
  return pool.totalCount - pool.idleCount;
}

describe('on connections that fall silent', () => {
  let testDatabase: TestDatabase;
  let proxy: TcpProxy;
  let url: string;
  beforeAll(async () => {
    testDatabase = await createDatabase();
    const target = new URL(testDatabase.url);
    proxy = await openTcpProxy(Number(target.port));
    target.port = String(proxy.port);
    url = target.href;
  });
  afterAll(async () => {
    await proxy.close();
    await testDatabase.drop();
  });

  test('a failed begin returns its connection, so the pool works as soon as the server does', async () => {
    const database = open(url, { queryMs: 300 });
    const { db } = database;
    await warm(database);
    proxy.silenceOpenConnections();
    const results = await Promise.allSettled(
      Array.from({ length: POOL_SIZE }, () => db.transaction((tx) => tx.execute(sql`select 1`))),
    );
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'rejected'));
    expect(inUse(database)).toBe(0);
    const { rows } = await db.transaction((tx) => tx.execute(sql`select 1 as one`));
    expect(rows).toEqual([{ one: 1 }]);
  });

  test.each(['a query', 'the commit'] as const)(
    'a transaction whose connection falls silent at %s ends after one time limit',
    async (place) => {
      const database = open(url, { queryMs: 300 });
      await warm(database);
      const begun = Date.now();
      const transaction = database.db.transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        proxy.silenceOpenConnections();
        if (place === 'a query') await tx.execute(sql`select 2`);
      });
      await expect(transaction).rejects.toMatchObject({ message: 'Query read timeout' });
      expect(Date.now() - begun).toBeLessThan(900);
      expect(inUse(database)).toBe(0);
    },
  );

  test('after one time-out, no other query waits for the connections of the same time', async () => {
    const database = open(url, { queryMs: 300 });
    await warm(database);
    proxy.silenceOpenConnections();
    await expect(database.ping()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await eventually(() => database.pool.totalCount === 0);
    for (let count = 0; count < POOL_SIZE; count += 1) await database.ping();
  });

  test('an error of the work is rolled back and keeps the connection', async () => {
    const database = open(url);
    await database.ping();
    await expect(
      database.db.transaction(async (tx) => {
        await tx.execute(sql`insert into tenant_quotas values ('rolled-back', 1, now())`);
        throw new TypeError('a bug');
      }),
    ).rejects.toThrow(new TypeError('a bug'));
    expect(database.pool.idleCount).toBe(1);
    const { rows } = await database.db.execute(sql`select 1 from tenant_quotas where tenant_id = 'rolled-back'`);
    expect(rows).toEqual([]);
  });
});

describe('while Postgres is frozen for 20 s', () => {
  const FREEZE_MS = 20_000;
  const HEALED_MS = 5_000;
  let folder: string;
  let supervisor: Supervisor;
  let databaseUrl: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'frozen-postgres-'));
    supervisor = createSupervisor(openStateFolder(join(folder, 'processes')));
    const { DATABASE_URL = '' } = await startPostgres({
      supervisor,
      folder: openStateFolder(join(folder, 'state')),
      ports: await freePorts(),
      toolPath: String,
      signal: new AbortController().signal,
      durable: false,
      report: () => undefined,
    });
    databaseUrl = DATABASE_URL;
    await migrateDatabase(databaseUrl);
  });
  afterAll(async () => {
    await supervisor.stopAll();
    rmSync(folder, { recursive: true });
  });

  test('every call fails, no connection is lost to the pool, and calls succeed within 5 s after it', async () => {
    const database = open(databaseUrl);
    const stores = createStores(database.db);
    const retry = () =>
      stores.requestOperation({
        tenantId: 'tenant',
        storeId: randomUUID(),
        action: 'retry',
        requestedBy: 'tenant',
        correlationId: 'frozen',
        now: new Date(),
      });
    await warm(database);
    const pid = supervisor.processes()[0]?.pid ?? 0;
    signalTree(pid, 'SIGSTOP');
    const thaw = new AbortController();
    const outcomes: string[] = [];
    const clients = Array.from({ length: 2 * POOL_SIZE }, async () => {
      while (!thaw.signal.aborted) {
        const outcome = await retry().then(
          ({ kind }) => kind,
          (error: { readonly code?: string }) => error.code ?? 'no code',
        );
        outcomes.push(outcome);
        await delay(100);
      }
    });
    await delay(FREEZE_MS);
    const outcomesWhileFrozen = [...outcomes];
    signalTree(pid, 'SIGCONT');
    thaw.abort();
    const thawed = Date.now();
    await eventually(async () => (await retry()).kind === 'notFound', { deadlineMs: HEALED_MS });
    const firstSuccessMs = Date.now() - thawed;
    await Promise.all(clients);
    expect(new Set(outcomesWhileFrozen)).toEqual(new Set(['DATABASE_UNAVAILABLE']));
    expect(firstSuccessMs).toBeLessThan(HEALED_MS);
    expect({ leaked: inUse(database), waiting: database.pool.waitingCount }).toEqual({ leaked: 0, waiting: 0 });
  });
});
