import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { migrateDatabase } from './migrate.ts';

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
    'installation',
    'operations',
    'orphans',
    'removals',
    'store_events',
    'stores',
    'tenant_quotas',
    'unaccounted',
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
  await expect(migrateDatabase(database.url)).resolves.toBeUndefined();
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
