import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { translateConnectionError } from './errors.ts';
import type { Database } from './open-db.ts';
import { installation } from '../schema/installation.ts';

/**
 * Returns the id of the installation that uses this database, and creates it at the first call. Several installations
 * may share a cluster and a Temporal namespace: the id is part of what each of them owns. It never changes, so a process
 * reads it once at its start.
 *
 * @param expected INSTALLATION_ID. A new database gets it. Default: a random id.
 * @throws StoreError DATABASE_UNAVAILABLE, and Error when the database has another id than `expected`.
 */
export async function installationOf(db: Database, expected?: string): Promise<string> {
  const id = await readOrCreate(db, expected).catch((error: unknown) => {
    throw translateConnectionError(error);
  });
  if (expected !== undefined) assertSame(id, expected);
  return id;
}

/**
 * Checks before a migration that a database is new or belongs to the installation `expected`. Changes nothing in it.
 *
 * @throws StoreError DATABASE_UNAVAILABLE, and Error when the database has another id.
 */
export async function requireInstallation(pool: Pick<Pool, 'query'>, expected: string): Promise<void> {
  const id = await readBeforeMigration(pool).catch((error: unknown) => {
    throw translateConnectionError(error);
  });
  if (id !== undefined) assertSame(id, expected);
}

async function readBeforeMigration(pool: Pick<Pool, 'query'>): Promise<string | undefined> {
  const table = await pool.query<{ exists: boolean }>("select to_regclass('installation') is not null as exists");
  if (table.rows[0]?.exists !== true) return undefined;
  const { rows } = await pool.query<{ id: string }>('select id from installation');
  return rows[0]?.id;
}

function assertSame(id: string, expected: string): void {
  if (id === expected) return;
  throw new Error(
    `it belongs to the installation ${id}, but INSTALLATION_ID is ${expected}: set INSTALLATION_ID=${id}, or use the other database`,
  );
}

async function readOrCreate(db: Database, newId: string = randomUUID()): Promise<string> {
  // The read comes first, so that a start needs no write: the database may be read-only at this moment.
  const [existing] = await db.select().from(installation);
  if (existing !== undefined) return existing.id;
  await db.insert(installation).values({ id: newId }).onConflictDoNothing();
  const [row] = await db.select().from(installation);
  if (row === undefined) throw new Error('the table "installation" has no row: it was deleted');
  return row.id;
}
