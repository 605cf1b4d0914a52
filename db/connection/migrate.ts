import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';
import { translateConnectionError } from './errors.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));
/** Key of the advisory lock. Any number that nothing else in the database locks. */
const LOCK_ID = 7_310_425_561;
// Long enough for the slowest migration of another process, short enough to report a process that hangs.
const LOCK_TIMEOUT_MS = 120_000;
const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * Applies all pending migrations. Many processes may call it at once: a session-level advisory lock lets one of them
 * migrate while the others wait. Those then find no pending migration. A process that finds none at the start changes
 * nothing and takes no lock: its role needs no right to create objects, and the database may be read-only.
 *
 * @throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer, or another process holds the lock for 2
 * minutes.
 */
export async function migrateDatabase(databaseUrl: string): Promise<void> {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    // Only the wait for locks has a timeout: a table rewrite may take longer than any query of the platform.
    lock_timeout: LOCK_TIMEOUT_MS,
  });
  // A lost connection rejects the running query. Without a listener it would also end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    if (await isMigrated(client)) return;
    await client.query('select pg_advisory_lock($1)', [LOCK_ID]);
    await migrate(drizzle(client), { migrationsFolder: MIGRATIONS_FOLDER });
  } catch (error) {
    throw translateConnectionError(error);
  } finally {
    // The end of the session releases the lock, also after an error.
    await client.end();
  }
}

/** Returns whether the database has the newest migration, as drizzle records it. */
async function isMigrated(client: Client): Promise<boolean> {
  const newest = Math.max(
    ...readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map(({ folderMillis }) => folderMillis),
  );
  const table = await client.query<{ exists: boolean }>(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as exists",
  );
  if (table.rows[0]?.exists !== true) return false;
  const { rows } = await client.query<{ newest: string | null }>(
    'select max(created_at) as newest from drizzle.__drizzle_migrations',
  );
  return Number(rows[0]?.newest ?? 0) >= newest;
}
