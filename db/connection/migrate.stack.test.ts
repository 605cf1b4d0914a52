import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { isWaitedFor } from '../../test/harness/stack/sessions.ts';
import { createDatabase, eventually, uniqueName, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { awaitDatabase } from './await-database.ts';
import { migrateDatabase } from './migrate.ts';
import { readMigrations, requireMigrated, type Migration } from './migrations.ts';
import { openDb } from './open-db.ts';
import { createStores } from '../index.ts';
import { createInput } from '../../test/factories/store-records.ts';

let database: TestDatabase;
let client: Client;
beforeEach(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

async function appliedMigrations(): Promise<number> {
  const { rows } = await client.query<{ count: number }>('select count(*)::int from drizzle.__drizzle_migrations');
  return rows[0]?.count ?? 0;
}

test('applies each migration once when 8 processes migrate an empty database at the same time', async () => {
  const expected = await appliedMigrations();
  await client.query('drop schema public cascade; drop schema drizzle cascade; create schema public');
  await Promise.all(Array.from({ length: 8 }, () => migrateDatabase(database.url)));
  expect(await appliedMigrations()).toBe(expected);
  const { rows } = await client.query(`select table_name from information_schema.tables where table_schema = 'public'`);
  expect(rows.map((row: { table_name: string }) => row.table_name).toSorted()).toEqual([
    'api_tokens',
    'audit_log',
    'clusters',
    'device_codes',
    'fleet_reports',
    'idempotency_keys',
    'installation',
    'invitations',
    'members',
    'oidc_logins',
    'operations',
    'orphans',
    'pass_positions',
    'removals',
    'request_counts',
    'service_accounts',
    'sessions',
    'setup_links',
    'store_events',
    'stores',
    'tenant_clusters',
    'tenant_event_counters',
    'tenant_quotas',
    'tenants',
    'unaccounted',
    'users',
    'webhook_deliveries',
    'webhook_endpoints',
  ]);
});

test('changes nothing on a second migration and releases its lock', async () => {
  const before = await appliedMigrations();
  await migrateDatabase(database.url);
  expect(await appliedMigrations()).toBe(before);
  const { rows } = await client.query(
    `select pid from pg_locks where locktype = 'advisory'
     and database = (select oid from pg_database where datname = current_database())`,
  );
  expect(rows).toEqual([]);
});

test('needs no right to create objects when there is no pending migration, also in a read-only database', async () => {
  const name = new URL(database.url).pathname.slice(1);
  await client.query(`alter database "${name}" set default_transaction_read_only = on`);
  await expect(migrateDatabase(database.url)).resolves.toEqual([]);
  await client.query(`alter database "${name}" set default_transaction_read_only = off`);

  await client.query('drop schema public cascade; drop schema drizzle cascade; create schema public');
  await client.query(`alter database "${name}" set default_transaction_read_only = on`);
  await expect(migrateDatabase(database.url)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

test('throws DATABASE_UNAVAILABLE when the database does not answer', async () => {
  // No process listens on port 1 of the loopback address.
  await expect(migrateDatabase('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  });
});

/** Returns a migration that is newer than those of the platform. */
function newMigration(...statements: readonly string[]): Migration {
  return { name: '9999_new', createdAt: Date.now() + 1_000, hash: 'new', statements };
}

/** Applies the migration without the waits of production. */
function applyNow(migration: Migration): Promise<readonly string[]> {
  const tableLock = { timeoutMs: 100, pauseMs: 50 };
  return migrateDatabase(database.url, { migrations: [...readMigrations(), migration], tableLock });
}

test('a migration that waits for a table lets queries pass, and is applied once the table is free', async () => {
  await client.query('begin');
  await client.query('select 1 from stores');
  const applied = applyNow(newMigration('alter table stores add column note text'));
  const other = new Client({ connectionString: database.url, query_timeout: 5_000 });
  await other.connect();
  await eventually(() => isWaitedFor(other, 'stores'));
  await other.query('select 1 from stores');
  await other.end();
  await client.query('commit');
  expect(await applied).toEqual(['9999_new']);
  await client.query('select note from stores');
});

test('a migration with a concurrent index runs outside of a transaction', async () => {
  await applyNow(newMigration('create index concurrently if not exists stores_name on stores (name)'));
  const { rows } = await client.query("select indexdef from pg_indexes where indexname = 'stores_name'");
  expect(rows).toHaveLength(1);
});

test('a migration that fails leaves nothing behind and is not recorded', async () => {
  const before = await appliedMigrations();
  const failing = newMigration('create table half (id int)', 'alter table no_such_table add column note text');
  await expect(applyNow(failing)).rejects.toThrow('no_such_table');
  expect(await appliedMigrations()).toBe(before);
  const { rows } = await client.query("select to_regclass('half') as half");
  expect(rows).toEqual([{ half: null }]);
});

test('a database without the newest migration is refused with the command that adds it', async () => {
  await client.query('drop schema public cascade; drop schema drizzle cascade; create schema public');
  await expect(requireMigrated(client)).rejects.toThrow(
    /^its schema lacks the migration \d{4}_\w+: run "npm run db:migrate" and start again$/,
  );
  await migrateDatabase(database.url);
  await expect(requireMigrated(client)).resolves.toBeUndefined();
});

test('a role that may only read and write rows can use a migrated database', async () => {
  const role = uniqueName('app').replace('-', '_');
  const adminUrl = new URL(database.url);
  adminUrl.username = 'postgres';
  const admin = new Client({ connectionString: adminUrl.href });
  await admin.connect();
  try {
    await admin.query(`
      create role ${role} login password 'app' in role sp_app, sp_platform;
      grant usage on schema public, drizzle to ${role};
      grant select on drizzle.__drizzle_migrations to ${role};
      grant select, insert, update, delete on all tables in schema public to ${role}`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'app';
    const log = { warn: () => undefined };
    const opened = openDb({ databaseUrl: url.href, poolSize: 2, applicationName: 'app', log });
    await expect(awaitDatabase(opened, { databaseUrl: url.href, log })).resolves.toEqual(expect.any(String));
    expect(await createStores(opened.db).create(createInput())).toMatchObject({ kind: 'created' });
    await opened.close();
  } finally {
    await admin.query(`drop owned by ${role}; drop role ${role}`);
    await admin.end();
  }
});
