import { drizzle } from 'drizzle-orm/node-postgres';
import type { Pool, PoolClient } from 'pg';
import { isConnectionError } from './errors.ts';
import type { Database, Transaction } from './database.ts';
import * as schema from '../schema/index.ts';

/**
 * Returns the `transaction` function of a pool. It replaces drizzle's own one, which never returns the connection to the
 * pool when `begin` fails, and which returns a connection that no longer answers as if it worked.
 *
 * A connection on which a query found Postgres unavailable is closed at once: Postgres rolls the transaction back, and no
 * later query waits for the same connection again.
 */
export function transactionsOn(pool: Pool): Database['transaction'] {
  return async function transaction<Result>(
    work: (tx: Transaction) => Promise<Result>,
    ...config: [] | [Parameters<Database['transaction']>[1]]
  ): Promise<Result> {
    const connection = watched(await pool.connect());
    try {
      const result = await drizzle(connection.client, { schema }).transaction(work, ...config);
      connection.release();
      return result;
    } catch (error) {
      // After a rollback, the connection can be used again. An error of the rollback is not the first one.
      connection.release();
      throw connection.firstConnectionError() ?? error;
    }
  };
}

/** A connection of the pool that is closed when it fails. */
interface WatchedConnection {
  readonly client: PoolClient;
  /** The error with which the connection was closed. */
  firstConnectionError(): Error | undefined;
  /** Returns the connection to the pool, unless it was closed. Closes it when its last query failed. */
  release(): void;
}

function watched(client: PoolClient): WatchedConnection {
  let lastError: Error | undefined;
  let closedBy: Error | undefined;

  // The form of the function that returns a promise. Drizzle uses no other one.
  const send: (...args: readonly unknown[]) => Promise<unknown> = client.query.bind(client);

  async function query(...args: readonly unknown[]): Promise<unknown> {
    try {
      const result = await send(...args);
      lastError = undefined;
      return result;
    } catch (error) {
      lastError = error instanceof Error ? error : new Error(String(error));
      if (closedBy === undefined && isConnectionError(lastError)) {
        closedBy = lastError;
        client.release(closedBy);
      }
      throw error;
    }
  }

  return {
    client: new Proxy(client, {
      get: (target, property): unknown => (property === 'query' ? query : Reflect.get(target, property)),
    }),
    firstConnectionError: () => closedBy,
    release: () => {
      if (closedBy === undefined) client.release(lastError);
    },
  };
}
