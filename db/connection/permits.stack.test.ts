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

/** Opens permits as another process on the database would. */
function openProcess(count: number): Permits {
  const permits = openPermits({ databaseUrl: database.url, count, log: { warn: () => undefined } });
  opened.push(permits);
  return permits;
}

function deadline(ms = 30_000): AbortSignal {
  return AbortSignal.timeout(ms);
}

/** Long enough for more than one attempt. */
const SHORT_MS = 1_500;

test('grants each permit to one process at a time, and a released permit to another process', async () => {
  const [one, other] = [openProcess(3), openProcess(3)];
  const held = await Promise.all([one, one, other].map((permits) => permits.acquire(deadline())));
  expect(new Set(held.map(({ number }) => number))).toEqual(new Set([1, 2, 3]));
  await expect(other.acquire(deadline(SHORT_MS))).rejects.toMatchObject({ name: 'AbortError' });
  held[0]?.release();
  expect((await other.acquire(deadline())).number).toBe(held[0]?.number);
});

test('holds no permit after an acquire was aborted', async () => {
  const permits = openProcess(1);
  const held = await permits.acquire(deadline());
  await expect(permits.acquire(deadline(SHORT_MS))).rejects.toMatchObject({ name: 'AbortError' });
  held.release();
  expect((await openProcess(1).acquire(deadline())).number).toBe(1);
});

test('frees the permits of a process whose session is lost, and the process can acquire permits again', async () => {
  const [lost, other] = [openProcess(1), openProcess(1)];
  const held = await lost.acquire(deadline());
  await operator.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%permits' and datname = current_database()",
  );
  const taken = await other.acquire(deadline());
  held.release();
  await expect(lost.acquire(deadline(SHORT_MS))).rejects.toMatchObject({ name: 'AbortError' });
  taken.release();
  await lost.acquire(deadline());
});

test('ends the session on close', async () => {
  const permits = openProcess(2);
  await permits.acquire(deadline());
  await permits.close();
  await eventually(async () => {
    const { rows } = await operator.query<{ open: string }>(
      "select count(*) as open from pg_stat_activity where application_name like '%permits' and datname = current_database()",
    );
    return rows[0]?.open === '0';
  });
});
