import { drizzle } from 'drizzle-orm/node-postgres';
import type { Pool, PoolClient } from 'pg';
import { collectChanges, type StoreChange } from './changes.ts';
import type { Database, Transaction } from './database.ts';
import { isConnectionError } from './errors.ts';
import * as schema from '../schema/index.ts';

/**
 * Returns the `transaction` function of a pool. It replaces drizzle's own one, which never returns the connection to the
 * pool when `begin` fails, and which returns a connection that no longer answers as if it worked.
 *
 * A connection on which a query found Postgres unavailable is closed at once: Postgres rolls the transaction back, and no
 * later query waits for the same connection again.
 *
 * @param onCommit Receives the changes that a transaction has noted, after its commit.
 */
export function transactionsOn(
  pool: Pool,
  onCommit: (changes: readonly StoreChange[]) => void,
): Database['transaction'] {
  // The creation of a drizzle database takes longer than a short transaction, so each connection keeps its own.
  const sessions = new WeakMap<PoolClient, Session>();

  return async function transaction<Result>(
    work: (tx: Transaction) => Promise<Result>,
    ...config: [] | [Parameters<Database['transaction']>[1]]
  ): Promise<Result> {
    const client = await pool.connect();
    const session = sessions.get(client) ?? openSession(client);
    sessions.set(client, session);
    const changes: StoreChange[] = [];
    try {
      const result = await session.db.transaction(
        (tx) => {
          collectChanges(tx, (change) => void changes.push(change));
          return work(tx);
        },
        ...config,
      );
      onCommit(changes);
      return result;
    } catch (error) {
      // An error of the rollback is not the first one.
      throw session.closedBy() ?? error;
    } finally {
      session.release();
    }
  };
}

/** A connection of the pool that is closed when it fails. */
interface Session {
  readonly db: Database;
  /** The error with which the connection was closed. */
  closedBy(): Error | undefined;
  /** Returns the connection to the pool, unless it was closed. Closes it when its last query failed: that was a rollback. */
  release(): void;
}

function openSession(client: PoolClient): Session {
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

  const watched = new Proxy(client, {
    get: (target, property): unknown => (property === 'query' ? query : Reflect.get(target, property)),
  });
  return {
    db: drizzle(watched, { schema }),
    closedBy: () => closedBy,
    release: () => {
      if (closedBy === undefined) client.release(lastError);
    },
  };
}
