import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { freePorts, type Ports } from '../processes/ports.ts';
import { openStateFolder } from '../processes/state-folder.ts';
import { createSupervisor, type Supervisor } from '../processes/supervisor.ts';
import { prepareDatabase, startPostgres } from './postgres.ts';

let parent: string;
let ports: Ports;
let supervisor: Supervisor;
let adminUrl: string;

function startIn(state: string) {
  const folder = openStateFolder(join(parent, state));
  return startPostgres({
    supervisor,
    folder,
    ports,
    toolPath: String,
    signal: new AbortController().signal,
    durable: false,
    report: () => undefined,
  });
}

async function query(sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'postgres-'));
  ports = await freePorts();
  supervisor = createSupervisor(openStateFolder(join(parent, 'processes')));
  const { DATABASE_URL } = await startIn('foreign');
  const url = new URL(DATABASE_URL ?? '');
  adminUrl = `postgres://postgres:${url.password}@127.0.0.1:${ports.postgres}/postgres`;
  // Like a server of the user that accepts every password.
  writeFileSync(join(parent, 'foreign', 'postgres', 'data', 'pg_hba.conf'), 'host all all 127.0.0.1/32 trust\n');
  await query('select pg_reload_conf()');
});
afterAll(async () => {
  await supervisor.stopAll();
  rmSync(parent, { recursive: true });
});

const ROLES = 'select rolname, rolpassword from pg_authid order by rolname';

test('changes nothing on another Postgres that answers on the port', async () => {
  const before = await query(ROLES);
  const url = new URL(adminUrl);
  url.password = 'any';
  const prepared = prepareDatabase({ adminUrl: url.href, password: 'new', dataDir: join(parent, 'own') });
  await expect(prepared).rejects.toThrow(
    new RegExp(
      `^Another Postgres, with its data in \\S+/foreign/postgres/data, answers on port ${ports.postgres}: stop it`,
    ),
  );
  expect(await query(ROLES)).toEqual(before);
});

test('does not start on a port that another process has taken, and names the port and its setting', async () => {
  await expect(startIn('second')).rejects.toThrow(
    new RegExp(`^Port ${ports.postgres} for Postgres is in use.*set STACK_POSTGRES_PORT to a free port\\.$`),
  );
});
