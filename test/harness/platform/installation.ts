import { installationOf } from '../../../db/connection/installation.ts';
import { openDb } from '../../../db/connection/open-db.ts';

/** Returns the id of the installation that uses a migrated database. Its task queues and schedules begin with the id. */
export async function readInstallation(databaseUrl: string): Promise<string> {
  const database = openDb({ databaseUrl, poolSize: 1, applicationName: 'installation', log: console });
  try {
    return await installationOf(database.db);
  } finally {
    await database.close();
  }
}
