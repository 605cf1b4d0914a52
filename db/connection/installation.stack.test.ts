import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { Client } from 'pg';
import { createDatabase, testStack, uniqueName, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { programOf } from '../../test/harness/platform/compiled-platform.ts';
import { awaitDatabase } from './await-database.ts';
import { installationOf } from './installation.ts';
import { openDb, type OpenDatabase } from './open-db.ts';

const ID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const OTHER = '8a1c5d3e-0b7f-4c4e-9a55-3d1f2e6b7c80';
const log = { warn: () => undefined };

let database: TestDatabase;
let opened: OpenDatabase;
beforeEach(async () => {
  database = await createDatabase();
  opened = openDb({ databaseUrl: database.url, poolSize: 4, applicationName: 'test', log });
});
afterEach(async () => {
  await opened.close();
  await database.drop();
});

describe('the id of an installation', () => {
  test('is random without a setting, and stays the same', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => installationOf(opened.db)));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is that of the setting in a new database, also for processes that start later without it', async () => {
    expect(await installationOf(opened.db, ID)).toBe(ID);
    expect(await installationOf(opened.db)).toBe(ID);
    expect(await installationOf(opened.db, ID)).toBe(ID);
  });

  test('is never replaced: a process with another one does not start', async () => {
    await installationOf(opened.db, ID);
    const start = awaitDatabase(opened, { databaseUrl: database.url, log, installationId: OTHER });
    await expect(start).rejects.toThrow(
      `can't be used: it belongs to the installation ${ID}, but INSTALLATION_ID is ${OTHER}: set INSTALLATION_ID=${ID}, or use the other database`,
    );
    expect(await installationOf(opened.db)).toBe(ID);
  });

  test('is one of two when processes with both start at the same time', async () => {
    const starts = await Promise.allSettled([ID, OTHER].map((id) => installationOf(opened.db, id)));
    expect(starts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

/** Runs a process until it ends. */
async function runToEnd(kind: 'api' | 'worker' | 'db', settings: Readonly<Record<string, string>>) {
  const env = { ...testStack(), ...settings };
  return execa(process.execPath, programOf(kind, env), { env, reject: false, timeout: 60_000 });
}

test.each(['api', 'worker'] as const)(
  'the %s ends with one sentence when the database has another id',
  async (kind) => {
    await installationOf(opened.db, ID);
    const settings = { PORT: '0', METRICS_PORT: '0', DATABASE_URL: database.url, INSTALLATION_ID: OTHER };
    const { exitCode, stderr } = await runToEnd(kind, settings);
    expect(stderr).toMatch(new RegExp(`^\\w+: the database .* can't be used: it belongs to the installation ${ID}`));
    expect(exitCode).toBe(1);
  },
  90_000,
);

describe('a migration with INSTALLATION_ID', () => {
  async function migrate(installationId: string, databaseUrl = database.url) {
    return runToEnd('db', { DATABASE_URL: databaseUrl, INSTALLATION_ID: installationId });
  }

  async function emptyDatabase(): Promise<void> {
    await opened.pool.query('drop schema public cascade; drop schema drizzle cascade; create schema public');
  }

  test('gives the id to a new database, as the owner of its tables without any other right', async () => {
    const owner = uniqueName('owner').replace('-', '_');
    const admin = new URL(database.url);
    admin.username = 'postgres';
    const client = new Client({ connectionString: admin.href });
    await client.connect();
    try {
      await emptyDatabase();
      await client.query(`create role ${owner} login password 'owner';
        grant create, usage on schema public to ${owner};
        grant create on database ${new URL(database.url).pathname.slice(1)} to ${owner}`);
      const url = new URL(database.url);
      url.username = owner;
      url.password = 'owner';
      const migrated = await migrate(ID, url.href);
      expect(migrated.stderr).toBe('');
      const { rows } = await client.query('select id from installation');
      expect(rows).toEqual([{ id: ID }]);
    } finally {
      await client.query(`drop owned by ${owner}; drop role ${owner}`);
      await client.end();
    }
  }, 60_000);

  test('does not migrate the database of another installation', async () => {
    await emptyDatabase();
    await opened.pool.query(`create table installation (singleton boolean, id uuid);
      insert into installation values (true, '${OTHER}')`);
    const migrated = await migrate(ID);
    expect(migrated.exitCode).toBe(1);
    expect(migrated.stderr).toContain(`it belongs to the installation ${OTHER}, but INSTALLATION_ID is ${ID}`);
    const { rows } = await opened.pool.query("select to_regclass('stores') as stores");
    expect(rows).toEqual([{ stores: null }]);
  }, 60_000);
});
