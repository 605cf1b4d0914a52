import type { Client } from 'pg';

/**
 * How far the set-up of a release has come, as the processes of a store tell it each other: a row for each revision of the
 * set-up, in the store's own database.
 */
const TABLE = `
create schema if not exists store_platform;
create table if not exists store_platform.setup (revision text primary key, at timestamptz not null default now());
alter table store_platform.setup add column if not exists filled_at timestamptz;
`;

/** The schema is this release's, so its server may start. */
export async function noteMigrated(database: Client, revision: string): Promise<void> {
  await database.query(TABLE);
  await database.query('insert into store_platform.setup (revision) values ($1) on conflict do nothing', [revision]);
}

/** @throws Error as long as it is not so. */
export async function requireMigrated(database: Client, revision: string): Promise<void> {
  const { rowCount } = await database.query('select from store_platform.setup where revision = $1', [revision]);
  if (rowCount !== 1) throw new Error('the set-up Job has not migrated the database');
}

/** The shop can take orders: the worker may start too. */
export async function noteFilled(database: Client, revision: string): Promise<void> {
  await database.query('update store_platform.setup set filled_at = now() where revision = $1', [revision]);
}

/** @throws Error as long as it is not so. */
export async function requireFilled(database: Client, revision: string): Promise<void> {
  const { rowCount } = await database.query(
    'select from store_platform.setup where revision = $1 and filled_at is not null',
    [revision],
  );
  if (rowCount !== 1) throw new Error('the set-up Job has not filled the shop');
}
