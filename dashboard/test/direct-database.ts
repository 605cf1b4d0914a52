import { Client } from 'pg';
import type { BrowserTestPlatform } from './platform.ts';

/** Runs statements on the database of the platform, without the time limit that the platform gives to a statement. */
export async function withDatabase<T>({ env }: BrowserTestPlatform, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: env.platform['DATABASE_URL'] });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
