import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { connectDatabase } from './database';
import { setting } from './environment';
import { eventually, messageOf } from './eventually';
import { noteMigrated } from './progress';
import { reachRedis } from './redis';

/**
 * Brings a store's database to what this image's code wants: `node src/setup/migrate.js schema`, then `… scripts`.
 *
 * Medusa's own migrations take half a minute, and on an empty database they always end the same. The image therefore holds
 * their result, made when it was built; an empty database is given that, in one transaction. Every other database is
 * migrated, unless it is noted there that this image has done so before.
 */
const DUMP = join(__dirname, '../../migrated.sql');
const MEDUSA = join(__dirname, '../../node_modules/@medusajs/cli/cli.js');

const WAIT_SECONDS = 300;

const NOTE_TABLE = `
create schema if not exists store_platform;
create table if not exists store_platform.migrated (
  only_row boolean primary key default true check (only_row), image text not null, at timestamptz not null default now());
`;

interface Dump {
  readonly sql: string;
  /** Tells this image from every other: each build draws ids of its own. */
  readonly image: string;
}

async function schema(database: Client, dump: Dump): Promise<void> {
  if (await isMigratedBy(database, dump)) {
    say('the schema is as this image left it');
  } else if (await isEmpty(database)) {
    await database.query(`begin;\n${dump.sql}\n${NOTE_TABLE}${noteOf(dump)}\ncommit;`);
    say('restored what this image holds');
  } else {
    return medusa('db:migrate', '--skip-scripts', '--execute-safe-links', '--execute-safe-search');
  }
  // The scripts have nothing left to do, so the server need not wait for them.
  await noteMigrated(database, setting('SETUP_REVISION'));
}

async function scripts(database: Client, dump: Dump): Promise<void> {
  if (await isMigratedBy(database, dump)) {
    say('the data are as this image left them');
  } else {
    await medusa('db:migrate:scripts');
    await database.query(`begin;\n${NOTE_TABLE}${noteOf(dump)}\ncommit;`);
  }
  await noteMigrated(database, setting('SETUP_REVISION'));
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

function noteOf({ image }: Dump): string {
  return `insert into store_platform.migrated (image) values ('${image}')
    on conflict (only_row) do update set image = excluded.image, at = now();`;
}

/** @throws Error when the command fails. */
async function medusa(...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [MEDUSA, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`medusa ${args[0]} ended with ${code === null ? signal : `code ${code}`}`);
}

function say(text: string): void {
  process.stdout.write(`migrate: ${text}\n`);
}

async function main(): Promise<void> {
  const name = process.argv[2] ?? '';
  const step = STEPS[name];
  if (step === undefined) throw new Error(`migrate ${name}: take one of ${Object.keys(STEPS).join(', ')}`);
  const sql = await readFile(DUMP, 'utf8');
  // Medusa waits for Postgres, but gives up on a Redis that is not there.
  await eventually(WAIT_SECONDS, 'redis does not answer', reachRedis);
  const database = await eventually(WAIT_SECONDS, 'the database does not answer', connectDatabase);
  try {
    // One at a time, for as long as this connection lives: a pod of a lost node may still be at it.
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
