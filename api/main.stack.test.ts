import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { Client } from 'pg';
import { openDb } from '../db/connection/open-db.ts';
import { createLogger } from '../telemetry/logger.ts';
import { programOf } from '../test/harness/platform/compiled-platform.ts';
import { isWaitedFor } from '../test/harness/stack/sessions.ts';
import { createDatabase, eventually, testStack, type TestDatabase } from '../test/harness/stack/stack.ts';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

let database: TestDatabase;
const started: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  for (const end of started.splice(0)) await end();
});
afterAll(() => database.drop());

/** Starts the API as a separate process. Variables that `env` does not set are those of the test stack. */
function startApi(env: Readonly<Record<string, string>> = {}) {
  const child = execa(process.execPath, programOf('api', testStack()), {
    cwd: REPOSITORY,
    env: {
      TEMPORAL_ADDRESS: testStack().TEMPORAL_ADDRESS,
      TEMPORAL_CONFIG_FILE: testStack().TEMPORAL_CONFIG_FILE,
      DATABASE_URL: database.url,
      PORT: '0',
      METRICS_PORT: '0',
      AUTH: 'none',
      LOG_LEVEL: 'info',
      ...env,
    },
    reject: false,
    all: true,
  });
  const api = { process: child, output: '', url: () => urlIn(api.output) };
  child.all.on('data', (chunk: Buffer) => {
    api.output += chunk.toString();
  });
  started.push(async () => {
    child.kill('SIGKILL');
    return await child;
  });
  return api;
}

/** Returns the address that the API wrote to its log. */
function urlIn(output: string): string | undefined {
  return /"url":"(http:[^"]+)"/.exec(output)?.[1];
}

describe('the API process', () => {
  test('answers running requests after SIGTERM, accepts no new ones, and exits with code 0', async () => {
    const api = startApi();
    const url = await eventually(() => api.url());
    await eventually(async () => (await fetch(`${url}/health/ready`)).status === 200);

    // A create that waits for a lock keeps running until the test releases the lock.
    const log = createLogger({ service: 'api', level: 'silent' });
    const blocker = openDb({ databaseUrl: database.url, poolSize: 1, applicationName: 'blocker', log });
    const client = await blocker.pool.connect();
    await client.query('begin');
    await client.query('lock table stores in exclusive mode');
    const running = fetch(`${url}/api/stores`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'drained' },
      body: JSON.stringify({ name: 'Acme', engine: 'medusa' }),
    });
    await eventually(() => isWaitedFor(client, 'stores'));
    api.process.kill('SIGTERM');
    await eventually(() => api.output.includes('shutting down'));
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    await client.query('rollback');
    client.release();

    const response = await running;
    expect(response.status).toBe(202);
    expect(response.headers.get('connection')).toBe('close');
    expect((await api.process).exitCode).toBe(0);
    await blocker.close();
  });

  test('starts and accepts stores while Temporal is unavailable', async () => {
    const api = startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const url = await eventually(() => api.url());
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'degraded' }]);
    const response = await fetch(`${url}/api/stores`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'early' },
      body: JSON.stringify({ name: 'Acme', engine: 'medusa' }),
    });
    expect(response.status).toBe(202);
  });

  test('does not start with a namespace that Temporal does not have, and names it', async () => {
    const { exitCode, stderr } = await startApi({ TEMPORAL_NAMESPACE: 'no-such-namespace' }).process;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^API: the Temporal namespace no-such-namespace does not exist: create it with /);
  });

  test('exits with one sentence when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    const port = await eventually(() => {
      const address = other.address();
      return typeof address === 'object' ? address?.port : undefined;
    });
    const api = startApi({ PORT: String(port) });
    const { exitCode, stderr } = await api.process;
    other.close();
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `API: port ${port} on 127.0.0.1 is in use: stop the process that uses it, or set PORT to another port`,
    );
  });

  test.each([
    ['an address that other machines can reach', { HOST: '0.0.0.0' }, /^API: HOST=0\.0\.0\.0 would open the API/],
    ['an invalid setting', { PORT: 'many' }, /^API: bad configuration\n {2}PORT: /],
  ])('does not start with %s', async (_, env, sentence) => {
    const { exitCode, stderr } = await startApi(env).process;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(sentence);
  });

  test('with authentication, listens on any address and prints a link that creates the first operator', async () => {
    const own = await createDatabase();
    try {
      const env = { DATABASE_URL: own.url, AUTH: 'local', HOST: '0.0.0.0' };
      const api = startApi(env);
      await eventually(() => api.url());
      const setupUrl = new URL(/"setupUrl":"([^"]+)"/.exec(api.output)?.[1] ?? '');
      expect((await fetch(`${setupUrl.origin}/api/stores`)).status).toBe(401);
      expect((await fetch(setupUrl)).status).toBe(200);
      const body = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery staple' };
      const response = await fetch(`${setupUrl.origin}/api/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, token: setupUrl.searchParams.get('token') }),
      });
      expect(response.status).toBe(201);
      const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
      expect((await fetch(`${setupUrl.origin}/api/stores`, { headers: { cookie } })).status).toBe(200);
      const next = startApi(env);
      await eventually(() => next.url());
      expect(next.output).not.toContain('setupUrl');
    } finally {
      for (const end of started.splice(0)) await end();
      await own.drop();
    }
  });

  test('without authentication, says so in its log and in its health', async () => {
    const api = startApi();
    const url = await eventually(() => api.url());
    expect(api.output).toContain('authentication is off');
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ authentication: 'none' });
  });

  test('does not start before npm run db:migrate has run, and names that command', async () => {
    const empty = await createDatabase();
    try {
      const client = new Client({ connectionString: empty.url });
      await client.connect();
      await client.query('drop schema public cascade; drop schema drizzle cascade; create schema public');
      await client.end();
      const { exitCode, stderr } = await startApi({ DATABASE_URL: empty.url }).process;
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /^API: the database \S+ can't be used: its schema lacks the migration \w+: run "npm run db:migrate" and start again$/,
      );
      const migration = await execa(process.execPath, programOf('db', testStack()), {
        cwd: REPOSITORY,
        env: { DATABASE_URL: empty.url },
      });
      expect(migration.stdout).toContain('the database was migrated');
      const api = startApi({ DATABASE_URL: empty.url });
      await eventually(() => api.url());
      await started.pop()?.();
    } finally {
      await empty.drop();
    }
  });

  test('names the database that it cannot use, and never the password', async () => {
    const wrong = new URL(database.url);
    wrong.password = 'not-the-password';
    wrong.pathname = '/no_such_database';
    const { exitCode, stderr, stdout } = await startApi({ DATABASE_URL: wrong.href }).process;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^API: the database 127\.0\.0\.1:\d+\/no_such_database can't be used: /);
    expect(stderr + stdout).not.toContain('not-the-password');
  });
});
