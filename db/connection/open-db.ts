import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool, type ClientBase } from 'pg';
import { StoreError } from '../../domain/failure.ts';
import { createAnnouncer } from './announcer.ts';
import type { ConnectionLog, Database } from './database.ts';
import { isAboutTheServer, translateConnectionError } from './errors.ts';
import { sessionsOn } from './session.ts';
import { tenantAccessOn } from './tenant-access.ts';
import { transactionsOn } from './transaction.ts';
import * as schema from '../schema/index.ts';

export type { ConnectionLog, Database, Queries, Transaction } from './database.ts';

export interface OpenDatabase {
  readonly db: Database;
  readonly pool: Pool;
  /** Resolves when Postgres answers and accepts writes. @throws StoreError DATABASE_UNAVAILABLE */
  ping(): Promise<void>;
  /** Announces the last changes, waits for the running queries, then closes all connections. May be called twice. */
  close(): Promise<void>;
}

/** Time limits in milliseconds. */
const LIMITS = {
  /** For a connection. A caller that waits longer gets a 503 and can retry by itself. */
  connectionMs: 3_000,
  /** No statement of the platform takes a second. A statement that takes ten waits for a lock or a failing disk. */
  statementMs: 10_000,
  /** On the client, for a server that disappears without closing the connection. Longer than the server's limit. */
  queryMs: 12_000,
  /** Without this limit, a process that is paused in the middle of a transaction would hold its row locks. */
  idleTransactionMs: 15_000,
  idleConnectionMs: 30_000,
  /** Idle time until the kernel asks whether the server still exists. It gives up ten seconds later. */
  keepAliveMs: 10_000,
} as const;

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
  /** Replaces time limits, for tests. */
  readonly limits?: Partial<Record<keyof typeof LIMITS, number>>;
}): OpenDatabase {
  const limits = { ...LIMITS, ...options.limits };
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: limits.connectionMs,
    idleTimeoutMillis: limits.idleConnectionMs,
    query_timeout: limits.queryMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: limits.keepAliveMs,
    // Queries that are sent together take one round trip. Each is still answered on its own.
    pipeline: true,
    // The pool waits for the promise, although the type of the driver does not say so.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: (client) => limitSession(client, limits),
  });
  const onLost = (error: Error): void => options.log.warn({ err: error }, 'a database connection was lost');
  pool.on('error', onLost);
  // The pool listens only on idle connections. A connection lost between two queries of a transaction would end the
  // process.
  pool.on('connect', (client) => client.on('error', onLost));
  // The other connections lead to the same server, so they are closed before a query waits for them.
  pool.on('release', (error: unknown) => {
    if (isAboutTheServer(error)) closeIdleConnections(pool);
  });
  const withSession = sessionsOn(pool);
  const announcer = createAnnouncer(pool, options.log);
  const db = Object.assign(drizzle(pool, { schema }), {
    transaction: transactionsOn(withSession, announcer.announce),
    asTenant: tenantAccessOn(withSession, announcer.announce),
  });

  async function ping(): Promise<void> {
    try {
      const { rows } = await pool.query<{ mode: string }>("select current_setting('transaction_read_only') as mode");
      if (rows[0]?.mode !== 'on') return;
    } catch (error) {
      throw translateConnectionError(error);
    }
    // Postgres fixes the mode when a session begins, so only a new session can accept writes again.
    closeIdleConnections(pool);
    throw new StoreError('DATABASE_UNAVAILABLE', 'The database is read-only: it accepts no writes');
  }

  let closing: Promise<void> | undefined;
  return { db, pool, ping, close: () => (closing ??= announcer.flush().then(() => pool.end())) };
}

/**
 * Sets the limits of a new session. The startup packet could set them too, but PgBouncer rejects packets with settings that
 * it does not know.
 */
async function limitSession(
  client: ClientBase,
  { statementMs, idleTransactionMs, connectionMs }: typeof LIMITS | Record<keyof typeof LIMITS, number>,
): Promise<void> {
  const text = `set statement_timeout = ${statementMs}; set idle_in_transaction_session_timeout = ${idleTransactionMs}`;
  // The type of the driver lacks `query_timeout`, which limits one query.
  await client.query({ text, query_timeout: connectionMs } as { readonly text: string });
}

/** Closes the connections that no query uses. The pool opens new ones when it needs them. */
function closeIdleConnections(pool: Pool): void {
  if (pool.ending) return;
  for (let count = pool.idleCount; count > 0; count -= 1) {
    void pool.connect().then(
      (client) => client.release(true),
      () => undefined, // no connection, so there is nothing to close
    );
  }
}
