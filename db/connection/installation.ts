import { randomUUID } from 'node:crypto';
import { translateConnectionError } from './errors.ts';
import type { Database } from './open-db.ts';
import { installation } from '../schema/installation.ts';

/**
 * Returns a function that reads the id of the installation that uses this database. The first call creates the id.
 * Several installations may share a cluster. Each puts its id on its namespaces and removes only those.
 *
 * @throws StoreError DATABASE_UNAVAILABLE, from the returned function.
 */
export function installationOf(db: Database): () => Promise<string> {
  let cached: string | undefined;
  return async () => {
    try {
      return (cached ??= await readOrCreate(db));
    } catch (error) {
      throw translateConnectionError(error);
    }
  };
}

async function readOrCreate(db: Database): Promise<string> {
  await db.insert(installation).values({ id: randomUUID() }).onConflictDoNothing();
  const [row] = await db.select().from(installation);
  if (row === undefined) throw new Error('the table "installation" has no row: it was deleted');
  return row.id;
}
