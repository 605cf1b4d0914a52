import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { connectDatabase } from './database';
import { setting } from './environment';
import { eventually, messageOf } from './eventually';
import { recordMigrated } from './progress';
import { reachRedis } from './redis';

/**
 * Migrates the store's database for the code of this image: `node src/setup/migrate.js schema`, then `… scripts`.
 *
 * Medusa's own migrations take half a minute and always have the same result on an empty database. The image contains this
 * result, and an empty database is restored from it in one transaction. Every other database is migrated, unless
 * `store_platform.migrated` records that this image has already migrated it.
 */
const DUMP = join(__dirname, '../../migrated.sql');
const MEDUSA = join(__dirname, '../../node_modules/@medusajs/cli/cli.js');

const WAIT_SECONDS = 300;

const MIGRATED_TABLE = `
create schema if not exists store_platform;
create table if not exists store_platform.migrated (
  only_row boolean primary key default true check (only_row), image text not null, at timestamptz not null default now());
`;

interface Dump {
  readonly sql: string;
  /** Identifies the image. Each build generates other ids, so the dumps of two builds differ. */
  readonly image: string;
}

async function schema(database: Client, dump: Dump): Promise<void> {
  if (await isMigratedBy(database, dump)) {
    log('this image has already migrated the schema');
  } else if (await isEmpty(database)) {
    await database.query(`begin;\n${dump.sql}\n${MIGRATED_TABLE}${insertMigrated(dump)}\ncommit;`);
    log('restored the migrated database of this image');
  } else {
    return medusa('db:migrate', '--skip-scripts', '--execute-safe-links', '--execute-safe-search');
  }
  // In both cases the scripts have nothing to do, so the server can start now.
  await recordMigrated(database, setting('SETUP_REVISION'));
}

async function scripts(database: Client, dump: Dump): Promise<void> {
  if (await isMigratedBy(database, dump)) {
    log('this image has already migrated the data');
  } else {
    await medusa('db:migrate:scripts');
    await database.query(`begin;\n${MIGRATED_TABLE}${insertMigrated(dump)}\ncommit;`);
  }
  await recordMigrated(database, setting('SETUP_REVISION'));
}

const STEPS: Readonly<Record<string, typeof schema>> = { schema, scripts };

async function isMigratedBy(database: Client, { image }: Dump): Promise<boolean> {
  const table = await database.query(`select to_regclass('store_platform.migrated') as name`);
  if (table.rows[0].name === null) return false;
  const { rowCount } = await database.query('select from store_platform.migrated where image = $1', [image]);
  return rowCount === 1;
}

async function isEmpty(database: Client): Promise<boolean> {
  const { rowCount } = await database.query(`select from pg_tables where schemaname = 'public' limit 1`);
  return rowCount === 0;
}

function insertMigrated({ image }: Dump): string {
  return `insert into store_platform.migrated (image) values ('${image}')
    on conflict (only_row) do update set image = excluded.image, at = now();`;
}

/** Runs a command of the Medusa CLI. @throws Error when it fails. */
async function medusa(...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [MEDUSA, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`medusa ${args[0]} exited with ${code === null ? signal : `code ${code}`}`);
}

function log(text: string): void {
  process.stdout.write(`migrate: ${text}\n`);
}

async function main(): Promise<void> {
  const name = process.argv[2] ?? '';
  const step = STEPS[name];
  if (step === undefined) throw new Error(`unknown step ${name}: use one of ${Object.keys(STEPS).join(', ')}`);
  const sql = await readFile(DUMP, 'utf8');
  // Medusa retries its connection to Postgres, but exits when Redis is not reachable.
  await eventually(WAIT_SECONDS, 'Redis does not answer', reachRedis);
  const database = await eventually(WAIT_SECONDS, 'the database does not answer', connectDatabase);
  try {
    // The lock belongs to this connection. A pod on a lost node may still run the migrations.
    await database.query(`select pg_advisory_lock(hashtext('store-platform/migrate'))`);
    await step(database, { sql, image: createHash('sha256').update(sql).digest('hex').slice(0, 16) });
  } finally {
    await database.end();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
