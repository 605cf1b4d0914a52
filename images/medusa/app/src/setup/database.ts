import { Client } from 'pg';
import { setting } from './environment';

/** Opens a connection to the store's database. @throws Error when it does not connect within three seconds. */
export async function connectDatabase(): Promise<Client> {
  const database = new Client({ connectionString: setting('DATABASE_URL'), connectionTimeoutMillis: 3_000 });
  await database.connect();
  return database;
}

/** Runs `work` on a new connection and closes the connection afterwards. */
export async function withDatabase<T>(work: (database: Client) => Promise<T>): Promise<T> {
  const database = await connectDatabase();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
