import type { Client } from 'pg';

/**
 * The progress of the setup Job, one row for each of its revisions, in the store's own database. Server and worker read it to
 * know when they may start.
 */
const TABLE = `
create schema if not exists store_platform;
create table if not exists store_platform.setup (revision text primary key, at timestamptz not null default now());
alter table store_platform.setup add column if not exists filled_at timestamptz;
`;

/** Records that the database has the schema of this release, so its server may start. */
export async function recordMigrated(database: Client, revision: string): Promise<void> {
  await database.query(TABLE);
  await database.query('insert into store_platform.setup (revision) values ($1) on conflict do nothing', [revision]);
}

/** @throws Error until the database has the schema of this release. */
export async function assertMigrated(database: Client, revision: string): Promise<void> {
  const { rowCount } = await database.query('select from store_platform.setup where revision = $1', [revision]);
  if (rowCount !== 1) throw new Error('the setup Job has not migrated the database');
}

/** Records that the shop can take orders, so the worker of this release may start. */
export async function recordFilled(database: Client, revision: string): Promise<void> {
  await database.query('update store_platform.setup set filled_at = now() where revision = $1', [revision]);
}

/** @throws Error until the shop can take orders. */
export async function assertFilled(database: Client, revision: string): Promise<void> {
  const { rowCount } = await database.query(
    'select from store_platform.setup where revision = $1 and filled_at is not null',
    [revision],
  );
  if (rowCount !== 1) throw new Error('the setup Job has not filled the shop');
}
