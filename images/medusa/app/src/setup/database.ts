import { Client } from 'pg';
import { setting } from './environment';

export async function connectDatabase(): Promise<Client> {
  const database = new Client({ connectionString: setting('DATABASE_URL'), connectionTimeoutMillis: 3_000 });
  await database.connect();
  return database;
}

/** On a connection of its own. */
export async function withDatabase<T>(work: (database: Client) => Promise<T>): Promise<T> {
  const database = await connectDatabase();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
