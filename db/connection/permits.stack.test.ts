import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createDatabase, eventually, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { openPermits, type Permits } from './permits.ts';

let database: TestDatabase;
let operator: Client;
const opened: Permits[] = [];
beforeAll(async () => {
  database = await createDatabase();
  operator = new Client({ connectionString: database.url, application_name: 'operator' });
  await operator.connect();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((permits) => permits.close()));
});
afterAll(async () => {
  await operator.end();
  await database.drop();
});

/** As one of several processes on the database. */
function processWith(count: number): Permits {
  const permits = openPermits({ databaseUrl: database.url, count, log: { warn: () => undefined } });
  opened.push(permits);
  return permits;
}

function patience(ms = 30_000): AbortSignal {
  return AbortSignal.timeout(ms);
}

/** Long enough to have asked more than once. */
const NOT_LONG = 1_500;

test('processes share the permits: none is given twice, and one that was given back is there for another', async () => {
  const [one, other] = [processWith(3), processWith(3)];
  const held = await Promise.all([one, one, other].map((permits) => permits.acquire(patience())));
  expect(new Set(held.map(({ number }) => number))).toEqual(new Set([1, 2, 3]));
  await expect(other.acquire(patience(NOT_LONG))).rejects.toMatchObject({ name: 'AbortError' });
  held[0]?.release();
  expect((await other.acquire(patience())).number).toBe(held[0]?.number);
});

test('an acquire that was given up holds nothing', async () => {
  const permits = processWith(1);
  const held = await permits.acquire(patience());
  await expect(permits.acquire(patience(NOT_LONG))).rejects.toMatchObject({ name: 'AbortError' });
  held.release();
  expect((await processWith(1).acquire(patience())).number).toBe(1);
});

test('permits of a process whose session is lost are free, and it gets new ones by itself', async () => {
  const [lost, other] = [processWith(1), processWith(1)];
  const held = await lost.acquire(patience());
  await operator.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%permits' and datname = current_database()",
  );
  const taken = await other.acquire(patience());
  held.release();
  await expect(lost.acquire(patience(NOT_LONG))).rejects.toMatchObject({ name: 'AbortError' });
  taken.release();
  await lost.acquire(patience());
});

test('a closed process leaves no session', async () => {
  const permits = processWith(2);
  await permits.acquire(patience());
  await permits.close();
  await eventually(async () => {
    const { rows } = await operator.query<{ open: string }>(
      "select count(*) as open from pg_stat_activity where application_name like '%permits' and datname = current_database()",
    );
    return rows[0]?.open === '0';
  });
});
