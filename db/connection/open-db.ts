import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { translateConnectionError } from './errors.ts';
import * as schema from '../schema/index.ts';

export type Database = NodePgDatabase<typeof schema>;
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

/** The level used here; any pino logger is one. */
export interface ConnectionLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface OpenDatabase {
  readonly db: Database;
  readonly pool: Pool;
  /** Resolves when Postgres answers. @throws StoreError DATABASE_UNAVAILABLE */
  ping(): Promise<void>;
  /** Waits for the queries under way, then closes all connections. May be called twice. */
  close(): Promise<void>;
}

// A caller that waits longer than this for a connection is better served by a 503 and its own retry.
const CONNECTION_TIMEOUT_MS = 3_000;
// No statement of ours takes a second; what takes ten is stuck behind a lock or a sick disk.
const STATEMENT_TIMEOUT_MS = 10_000;
// For the server that is gone without a word: the client's own clock, later than the server's.
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;
// A process that is paused in mid-transaction must not hold a row lock for ever.
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
const IDLE_CONNECTION_TIMEOUT_MS = 30_000;

/**
 * Opens a pool with bounds on everything: connections, waiting for one, statements, idle transactions. Nothing connects
 * before the first query, and a Postgres that goes away costs the queries under way, never the process.
 */
export function openDb(options: {
  readonly databaseUrl: string;
  /** Most connections this process may hold. */
  readonly poolSize: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly log: ConnectionLog;
}): OpenDatabase {
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
  });
  const onLost = (error: Error): void => options.log.warn({ err: error }, 'a database connection was lost');
  pool.on('error', onLost);
  // The pool listens on idle connections only; one lost between two queries of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', onLost));

  async function ping(): Promise<void> {
    try {
      await pool.query('select 1');
    } catch (error) {
      throw translateConnectionError(error);
    }
  }

  let closing: Promise<void> | undefined;
  return { db: drizzle(pool, { schema }), pool, ping, close: () => (closing ??= pool.end()) };
}
