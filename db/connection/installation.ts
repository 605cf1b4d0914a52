import { randomUUID } from 'node:crypto';
import { translateConnectionError } from './errors.ts';
import type { Database } from './open-db.ts';
import { installation } from '../schema/installation.ts';

/**
 * Returns the id of the installation that uses this database, and creates it at the first call. Several installations
 * may share a cluster and a Temporal namespace: the id is part of what each of them owns. It never changes, so a process
 * reads it once at its start.
 *
 * @throws StoreError DATABASE_UNAVAILABLE
 */
export async function installationOf(db: Database): Promise<string> {
  try {
    return await readOrCreate(db);
  } catch (error) {
    throw translateConnectionError(error);
  }
}

async function readOrCreate(db: Database): Promise<string> {
  // The read comes first, so that a start needs no write: the database may be read-only at this moment.
  const [existing] = await db.select().from(installation);
  if (existing !== undefined) return existing.id;
  await db.insert(installation).values({ id: randomUUID() }).onConflictDoNothing();
  const [row] = await db.select().from(installation);
  if (row === undefined) throw new Error('the table "installation" has no row: it was deleted');
  return row.id;
}
