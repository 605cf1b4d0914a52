import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { createInput, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { eventually } from '../../test/harness/stack/stack.ts';
import { translateConnectionError } from './errors.ts';
import { openDb } from './open-db.ts';
import { createStores } from '../index.ts';

let records: TestRecords;
let operator: Client;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 3 });
  operator = new Client({ connectionString: records.databaseUrl, application_name: 'operator' });
  await operator.connect();
});
afterAll(async () => {
  await operator.end();
  await records.drop();
});

/** What a restart of Postgres does to a client: every session ends at once. */
async function endAllSessions(): Promise<void> {
  await operator.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );
}

test('idle connections that Postgres ends are replaced', async () => {
  await Promise.all([records.ping(), records.ping(), records.ping()]);
  await endAllSessions();
  await eventually(async () => {
    await records.ping();
    return true;
  });
  expect(await records.stores.create(createInput())).toMatchObject({ kind: 'created' });
});

test('a transaction whose connection is lost between two queries fails as DATABASE_UNAVAILABLE, and leaves nothing', async () => {
  const input = createInput({ tenantId: 'lost' });
  const doomed = records.db.transaction(async (tx) => {
    await tx.execute(sql`insert into tenant_quotas values ('lost', 1, now())`);
    await endAllSessions();
    await tx.execute(sql`select 1`);
  });
  const error = await doomed.then(
    () => undefined,
    (thrown: unknown) => translateConnectionError(thrown),
  );
  expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  await eventually(async () => {
    await records.ping();
    return true;
  });
  expect(await records.stores.create({ ...input, maxStores: 1 })).toMatchObject({ kind: 'created' });
});

test('no more connections are held than the pool may have', async () => {
  await Promise.all(Array.from({ length: 20 }, () => records.db.execute(sql`select pg_sleep(0.01)`)));
  const { rows } = await operator.query(
    `select pid from pg_stat_activity where datname = current_database() and application_name = 'test'`,
  );
  expect(rows.length).toBeLessThanOrEqual(3);
});

test('every session has a bound on statements and on idle transactions', async () => {
  const { rows } = await records.pool.query(
    `select name from pg_settings where setting <> '0'
     and name in ('statement_timeout', 'idle_in_transaction_session_timeout') order by name`,
  );
  expect(rows).toEqual([{ name: 'idle_in_transaction_session_timeout' }, { name: 'statement_timeout' }]);
});

test('a Postgres that is not there is told as DATABASE_UNAVAILABLE by ping and by every verb', async () => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:1/none';
  const away = openDb({ databaseUrl, poolSize: 1, applicationName: 'test', log: { warn: () => undefined } });
  const stores = createStores(away.db);
  const unavailable = { code: 'DATABASE_UNAVAILABLE' };
  await expect(away.ping()).rejects.toMatchObject(unavailable);
  await expect(stores.create(createInput())).rejects.toMatchObject(unavailable);
  await expect(stores.list({ tenantId: 'tenant', limit: 1, offset: 0 })).rejects.toMatchObject(unavailable);
  await away.close();
  await away.close();
});
