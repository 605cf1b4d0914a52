import { randomUUID } from 'node:crypto';
import { translateConnectionError } from './errors.ts';
import type { Database } from './open-db.ts';
import { installation } from '../schema/installation.ts';

/**
 * Tells the id of the platform that this database belongs to, drawn when it is first asked for. Two platforms may share
 * a cluster: by this id on its namespaces each knows what is its own to remove.
 *
 * @throws StoreError DATABASE_UNAVAILABLE, from the function that is returned.
 */
export function installationOf(db: Database): () => Promise<string> {
  let known: string | undefined;
  return async () => {
    try {
      return (known ??= await readOrDraw(db));
    } catch (error) {
      throw translateConnectionError(error);
    }
  };
}

async function readOrDraw(db: Database): Promise<string> {
  await db.insert(installation).values({ id: randomUUID() }).onConflictDoNothing();
  const [row] = await db.select().from(installation);
  if (row === undefined) throw new Error('the row that names this installation was removed');
  return row.id;
}
