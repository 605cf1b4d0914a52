import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { startApiProcess } from '../harness/platform/processes.ts';
import { createDatabase, testStack, type TestDatabase } from '../harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../harness/stack/temporal-namespace.ts';

const PROCESSES = 3;
const REQUESTS_PER_PROCESS = 12;
const LIMIT = 5;
const LIVE_STORES = `select count(*)::int as count from stores where status <> 'deleted'`;

let database: TestDatabase;
let temporal: TestNamespace;
let observer: Pool;
let apis: Awaited<ReturnType<typeof startApiProcess>>[];
beforeAll(async () => {
  database = await createDatabase();
  temporal = await createTemporalNamespace();
  observer = new Pool({ connectionString: database.url, max: 1 });
  const env = { ...testStack(), DATABASE_URL: database.url, TEMPORAL_NAMESPACE: temporal.namespace };
  apis = [];
  // One after the other: each start loads the processor.
  for (let index = 0; index < PROCESSES; index += 1)
    apis.push(await startApiProcess(env, { MAX_STORES_PER_TENANT: String(LIMIT) }));
}, 300_000);
afterAll(async () => {
  for (const api of apis ?? []) await api.kill('SIGTERM');
  await observer?.end();
  await temporal?.close();
  await database?.drop();
});

function create(url: string, key: string): Promise<Response> {
  return fetch(`${url}/api/stores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ name: 'Acme', engine: 'medusa' }),
  });
}

test(`${PROCESSES} API processes together never accept more stores than the limit of the tenant, at any instant`, async () => {
  const requests = Promise.all(
    apis.flatMap(({ url }, process) =>
      Array.from({ length: REQUESTS_PER_PROCESS }, (_, key) => create(url, `${process}-${key}`)),
    ),
  );
  const state = { hasEnded: false };
  const ended = requests.finally(() => {
    state.hasEnded = true;
  });
  const counts: number[] = [];
  while (!state.hasEnded) {
    const { rows } = await observer.query<{ count: number }>(LIVE_STORES);
    counts.push(rows[0]?.count ?? 0);
  }
  const responses = await ended;
  expect(Math.max(...counts)).toBeLessThanOrEqual(LIMIT);
  const statuses = responses.map(({ status }) => status);
  expect(statuses.filter((status) => status === 202)).toHaveLength(LIMIT);
  expect(statuses.filter((status) => status === 429)).toHaveLength(PROCESSES * REQUESTS_PER_PROCESS - LIMIT);
  for (const response of responses.filter(({ status }) => status === 429))
    expect(await response.json()).toMatchObject({ code: 'QUOTA_EXCEEDED', limit: LIMIT, live: LIMIT });
});
