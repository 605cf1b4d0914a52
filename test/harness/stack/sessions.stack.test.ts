import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { closeAll } from '../close-all.ts';
import { endSessions, isWaitedFor } from './sessions.ts';
import { createDatabase, eventually, type TestDatabase } from './stack.ts';

let database: TestDatabase;
let other: TestDatabase;
const clients: Client[] = [];
beforeAll(async () => {
  [database, other] = await Promise.all([createDatabase(), createDatabase()]);
});
afterAll(() =>
  closeAll(
    ...clients.map((client) => () => client.end()),
    () => database.drop(),
    () => other.drop(),
  ),
);

async function connect({ url = database.url, user = '', name = '' } = {}): Promise<Client> {
  const address = new URL(url);
  if (user !== '') address.username = user;
  const client = new Client({ connectionString: address.href, application_name: name });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

async function isOpen(client: Client): Promise<boolean> {
  return await client.query('select 1').then(
    () => true,
    () => false,
  );
}

test('ends the sessions of its own role and database, and no others', async () => {
  const operator = await connect();
  const own = await connect();
  const foreign = await Promise.all([connect({ user: 'postgres' }), connect({ url: other.url })]);
  expect(await endSessions(operator)).toBe(1);
  await eventually(async () => !(await isOpen(own)));
  expect(await Promise.all([operator, ...foreign].map(isOpen))).toEqual([true, true, true]);
});

test('ends the sessions of one application, or only those with an open transaction', async () => {
  const operator = await connect({ name: 'operator' });
  const [idle, busy, named] = await Promise.all([connect(), connect(), connect({ name: 'one' })]);
  await busy.query('begin');
  expect(await endSessions(operator, { onlyActive: true })).toBe(1);
  await eventually(async () => !(await isOpen(busy)));
  expect(await endSessions(operator, { applicationName: 'one' })).toBe(1);
  await eventually(async () => !(await isOpen(named)));
  expect(await Promise.all([operator, idle].map(isOpen))).toEqual([true, true]);
});

test('a lock on the same table of another database is not waited for here', async () => {
  const [observer, elsewhere, holder, waiter] = await Promise.all([
    connect(),
    ...Array.from({ length: 3 }, () => connect({ url: other.url })),
  ]);
  await holder?.query('begin; lock table stores in exclusive mode');
  const waiting = waiter?.query('begin; lock table stores in exclusive mode');
  await eventually(() => elsewhere !== undefined && isWaitedFor(elsewhere, 'stores'));
  expect(await isWaitedFor(observer, 'stores')).toBe(false);
  await holder?.query('rollback');
  await waiting;
});
