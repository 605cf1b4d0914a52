import { Client } from 'pg';
import pRetry from 'p-retry';
import type { ConnectionLog } from './database.ts';
import { translateConnectionError } from './errors.ts';
import { pendingMigrations, readMigrations, type Migration } from './migrations.ts';
import { requireSessionPooling } from './pooler.ts';

/** Key of the advisory lock. Any number that nothing else in the database locks. */
const LOCK_ID = 7_310_425_561;
// Long enough for the slowest migration of another process, short enough to report a process that hangs.
const ADVISORY_LOCK_TIMEOUT_MS = 120_000;
/**
 * While a migration waits for the lock of a table, all queries on the table wait behind it. So it waits for a short time,
 * gives way to them, and tries again.
 */
const TABLE_LOCK = { timeoutMs: 2_000, retries: 30, pauseMs: 1_000, longestPauseMs: 10_000 } as const;
const CONNECTION_TIMEOUT_MS = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Drizzle's names, so that its own tools find the applied migrations. */
const CREATE_TABLE = `
  create schema if not exists drizzle;
  create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
const RECORD = 'insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)';

export interface MigrateOptions {
  readonly log?: ConnectionLog;
  /** Migrations to apply. Default: those of this version. */
  readonly migrations?: readonly Migration[];
  /** Replaces the wait for the lock of a table, for tests. */
  readonly tableLock?: Partial<typeof TABLE_LOCK> | { readonly timeoutMs?: number; readonly pauseMs?: number };
}

/**
 * Applies all pending migrations and returns their names. Many processes may call it at once: a session-level advisory lock
 * lets one of them migrate while the others wait. Those then find no pending migration. Without a pending migration, it
 * changes nothing: its role needs no right to create objects, and the database may be read-only.
 *
 * Each migration is one transaction, except a migration with `concurrently`, which Postgres allows only outside of one.
 *
 * @throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer, another process holds the advisory lock for two
 * minutes, or a table stays locked for about four minutes.
 */
export async function migrateDatabase(databaseUrl: string, options: MigrateOptions = {}): Promise<readonly string[]> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECTION_TIMEOUT_MS });
  // A lost connection rejects the running query. Without a listener it would also end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await applyPending(client, databaseUrl, options);
  } catch (error) {
    throw translateConnectionError(error);
  } finally {
    // The end of the session releases the lock, also after an error.
    await client.end();
  }
}

async function applyPending(client: Client, databaseUrl: string, options: MigrateOptions): Promise<readonly string[]> {
  const migrations = options.migrations ?? readMigrations();
  if ((await pendingMigrations(client, migrations)).length === 0) return [];
  await requireSessionPooling(databaseUrl);
  // No statement timeout: a table rewrite may take longer than any query of the platform.
  await client.query(`set statement_timeout = 0; set lock_timeout = ${ADVISORY_LOCK_TIMEOUT_MS}`);
  await client.query('select pg_advisory_lock($1)', [LOCK_ID]);
  const { timeoutMs, pauseMs } = { ...TABLE_LOCK, ...options.tableLock };
  await client.query(`set lock_timeout = ${timeoutMs}`);
  await client.query(CREATE_TABLE);
  const pending = await pendingMigrations(client, migrations);
  for (const migration of pending) {
    await pRetry(() => apply(client, migration), {
      retries: TABLE_LOCK.retries,
      minTimeout: pauseMs,
      maxTimeout: TABLE_LOCK.longestPauseMs,
      shouldRetry: ({ error }) => 'code' in error && error.code === LOCK_NOT_AVAILABLE,
      onFailedAttempt: ({ error, retriesLeft }) =>
        options.log?.warn(
          { migration: migration.name, reason: error.message, retriesLeft },
          'a migration did not get its lock',
        ),
    });
  }
  return pending.map(({ name }) => name);
}

async function apply(client: Client, migration: Migration): Promise<void> {
  const { statements, hash, createdAt } = migration;
  const isTransaction = !statements.some((statement) => /\bconcurrently\b/i.test(statement));
  if (isTransaction) await client.query('begin');
  try {
    for (const statement of statements) await client.query(statement);
    await client.query(RECORD, [hash, createdAt]);
    if (isTransaction) await client.query('commit');
  } catch (error) {
    if (isTransaction) await client.query('rollback').catch(() => undefined); // the first error says more
    throw error;
  }
}
