import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { createInput } from '../../test/factories/store-records.ts';
import { findPgbouncer, startPgbouncer, type Pgbouncer } from '../../test/harness/pgbouncer.ts';
import { createDatabase, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { createStores } from '../index.ts';
import { stores as storeTable } from '../schema/stores.ts';
import { awaitDatabase } from './await-database.ts';
import { migrateDatabase } from './migrate.ts';
import { openDb, type OpenDatabase } from './open-db.ts';

const binary = findPgbouncer();
const log = { warn: () => undefined };

let database: TestDatabase;
let pgbouncer: Pgbouncer | undefined;
const opened: OpenDatabase[] = [];
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await pgbouncer?.stop();
  await database.drop();
});

/** Opens the database through PgBouncer, and checks it as the API and the worker do. */
async function openThrough(poolMode: 'session' | 'transaction', parameters: Readonly<Record<string, string>> = {}) {
  pgbouncer = await startPgbouncer(binary ?? '', { databaseUrl: database.url, poolMode });
  const url = new URL(pgbouncer.url(database.url));
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const databaseUrl = url.href;
  const each = openDb({ databaseUrl, poolSize: 3, applicationName: 'pgbouncer', log });
  opened.push(each);
  return { ...each, databaseUrl, checked: () => awaitDatabase(each, { databaseUrl, log }) };
}

(binary === undefined ? describe.skip : describe)('PgBouncer', () => {
  test('in session mode works: records, time limits of the session, and the migration', async () => {
    const { db, databaseUrl, checked } = await openThrough('session');
    const direct = new Client({ connectionString: database.url });
    await direct.connect();
    await direct.query('drop schema public cascade; drop schema drizzle cascade; create schema public');
    await direct.end();
    await migrateDatabase(databaseUrl);
    await checked();
    expect(await createStores(db).create(createInput())).toMatchObject({ kind: 'created' });
    const { rows } = await db.execute(sql`select current_setting('statement_timeout') as limit`);
    expect(rows).toEqual([{ limit: '10s' }]);
  });

  test('in transaction mode is refused in one sentence, by a start and by the migration', async () => {
    const { databaseUrl, checked } = await openThrough('transaction');
    const sentence =
      /shares sessions between transactions\. Set its pool mode to "session", or connect to Postgres directly$/;
    await expect(checked()).rejects.toThrow(sentence);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('drop schema public cascade; drop schema drizzle cascade; create schema public');
    await client.end();
    await expect(migrateDatabase(databaseUrl)).rejects.toThrow(sentence);
  });

  test.each(['session', 'transaction'] as const)(
    'in %s mode keeps the tenants of its clients apart',
    async (poolMode) => {
      const direct = openDb({ databaseUrl: database.url, poolSize: 1, applicationName: 'direct', log });
      opened.push(direct);
      for (const tenantId of ['a', 'b']) await createStores(direct.db).create(createInput({ tenantId }));
      const { db } = await openThrough(poolMode);
      const visible = async (tenant: string) => {
        const rows = await db.asTenant.query(tenant, (own) =>
          own.select({ tenant: storeTable.tenantId }).from(storeTable),
        );
        return rows.map((row) => row.tenant);
      };
      const tenants = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'a' : 'b'));
      expect(await Promise.all(tenants.map(visible))).toEqual(tenants.map((tenant) => [tenant]));
      const { rows } = await db.execute(
        sql`select current_user <> 'sp_app' as "isPlatform", count(*)::int from stores`,
      );
      expect(rows).toEqual([{ isPlatform: true, count: 2 }]);
    },
  );

  test('a startup parameter that it rejects ends the start at once, with its own words', async () => {
    const { checked } = await openThrough('session', { options: '-c work_mem=8MB' });
    const begun = Date.now();
    await expect(checked()).rejects.toThrow('unsupported startup parameter: options');
    expect(Date.now() - begun).toBeLessThan(5_000);
  });
});
