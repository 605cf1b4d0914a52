import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { createInput, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { closeAll } from '../../test/harness/close-all.ts';
import { endSessions } from '../../test/harness/stack/sessions.ts';
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
afterAll(() =>
  closeAll(
    () => operator.end(),
    () => records.drop(),
  ),
);

test('replaces idle connections that Postgres ended', async () => {
  await Promise.all([records.ping(), records.ping(), records.ping()]);
  await endSessions(operator);
  await eventually(async () => {
    await records.ping();
    return true;
  });
  expect(await records.stores.create(createInput())).toMatchObject({ kind: 'created' });
});

test('fails a transaction whose connection is lost between two queries with DATABASE_UNAVAILABLE, and rolls it back', async () => {
  const input = createInput({ tenantId: 'lost' });
  const interrupted = records.db.transaction(async (tx) => {
    await tx.execute(sql`insert into tenant_quotas values ('lost', 1, now())`);
    await endSessions(operator);
    await tx.execute(sql`select 1`);
  });
  const error = await interrupted.then(
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

test('opens at most as many connections as the pool size', async () => {
  await Promise.all(Array.from({ length: 20 }, () => records.db.execute(sql`select pg_sleep(0.01)`)));
  const { rows } = await operator.query(
    `select pid from pg_stat_activity where datname = current_database() and application_name = 'test'`,
  );
  expect(rows.length).toBeLessThanOrEqual(3);
});

test('sets a timeout for statements and for idle transactions in every session', async () => {
  const { rows } = await records.pool.query(
    `select name from pg_settings where setting <> '0'
     and name in ('statement_timeout', 'idle_in_transaction_session_timeout') order by name`,
  );
  expect(rows).toEqual([{ name: 'idle_in_transaction_session_timeout' }, { name: 'statement_timeout' }]);
});

test('a database that becomes read-only fails pings and writes with the reason, and both succeed once it accepts writes again', async () => {
  const name = new URL(records.databaseUrl).pathname.slice(1);
  const setReadOnly = (mode: 'on' | 'off') =>
    operator.query(`alter database "${name}" set default_transaction_read_only = ${mode}`);
  await setReadOnly('on');
  await endSessions(operator);
  const list = () => records.stores.list({ tenantId: 'tenant', limit: 1, offset: 0 });
  const answer = /Postgres answers: cannot execute .* in a read-only transaction/;
  await eventually(async () => {
    const error: unknown = await records.stores.create(createInput()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringMatching(answer) });
    return true;
  });
  await expect(records.ping()).rejects.toMatchObject({ message: expect.stringContaining('read-only') });
  await Promise.all([list(), list(), list()]);

  await operator.query('set session characteristics as transaction read write');
  await setReadOnly('off');
  await eventually(async () => {
    await records.ping();
    return true;
  });
  await Promise.all([1, 2, 3].map(async () => await records.stores.create(createInput())));
});

test('throws DATABASE_UNAVAILABLE from ping and from every function when Postgres does not answer', async () => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:1/none';
  const unreachable = openDb({ databaseUrl, poolSize: 1, applicationName: 'test', log: { warn: () => undefined } });
  const stores = createStores(unreachable.db);
  const unavailable = { code: 'DATABASE_UNAVAILABLE' };
  await expect(unreachable.ping()).rejects.toMatchObject(unavailable);
  await expect(stores.create(createInput())).rejects.toMatchObject(unavailable);
  await expect(stores.list({ tenantId: 'tenant', limit: 1, offset: 0 })).rejects.toMatchObject(unavailable);
  await unreachable.close();
  await unreachable.close();
});
