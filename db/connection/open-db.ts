import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { translateConnectionError } from './errors.ts';
import * as schema from '../schema/index.ts';

export type Database = NodePgDatabase<typeof schema>;
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

/** The part of a logger that connections use. Every pino logger has it. */
export interface ConnectionLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface OpenDatabase {
  readonly db: Database;
  readonly pool: Pool;
  /** Resolves when Postgres answers. @throws StoreError DATABASE_UNAVAILABLE */
  ping(): Promise<void>;
  /** Waits for the running queries, then closes all connections. May be called twice. */
  close(): Promise<void>;
}

// A caller that waits longer for a connection gets a 503 and can retry by itself.
const CONNECTION_TIMEOUT_MS = 3_000;
// No statement of the platform takes a second. A statement that takes ten waits for a lock or a failing disk.
const STATEMENT_TIMEOUT_MS = 10_000;
// Timeout on the client, for a server that disappears without closing the connection. It is longer than the server's.
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;
// Without this bound, a process that is paused in the middle of a transaction would hold its row locks.
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
const IDLE_CONNECTION_TIMEOUT_MS = 30_000;

/**
 * Opens a connection pool that limits the number of connections, the wait for one, statements and idle transactions.
 * The pool connects at the first query. When Postgres stops, the running queries fail and the process continues.
 */
export function openDb(options: {
  readonly databaseUrl: string;
  /** Maximum number of connections of this process. */
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
  // The pool listens only on idle connections. A connection lost between two queries of a transaction would end the
  // process.
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
