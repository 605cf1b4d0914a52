import { drizzle } from 'drizzle-orm/node-postgres';
import type { Pool, PoolClient } from 'pg';
import type { Queries, Transaction } from './database.ts';
import { isConnectionError } from './errors.ts';
import * as schema from '../schema/index.ts';

/** Sends one query, with the arguments of `query` of the driver. */
export type Send = (...args: readonly unknown[]) => Promise<unknown>;

/** A connection of the pool that is closed when it fails. */
export interface Session {
  readonly db: Queries;
  /** Changes how the queries of `db` are sent, until the connection returns to the pool. */
  sendThrough(wrap: (send: Send) => Send): void;
  /** The error with which the connection was closed. */
  closedBy(): Error | undefined;
  /** Returns the connection to the pool, unless it was closed. Closes it when its last query failed: that was a rollback. */
  release(): void;
}

/** Runs `work` with a connection of its own. */
export type WithSession = <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>;

/**
 * Returns a function that lends the connections of a pool. A connection on which a query found Postgres unavailable is closed
 * at once: Postgres rolls the transaction back, and no later query waits for the same connection again.
 */
export function sessionsOn(pool: Pool): WithSession {
  // The creation of a drizzle database takes longer than a short transaction, so each connection keeps its own.
  const sessions = new WeakMap<PoolClient, Session>();

  return async function withSession<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    const client = await pool.connect();
    const session = sessions.get(client) ?? openSession(client);
    sessions.set(client, session);
    try {
      return await work(session);
    } catch (error) {
      // An error of the rollback is not the first one.
      throw session.closedBy() ?? error;
    } finally {
      session.release();
    }
  };
}

function openSession(client: PoolClient): Session {
  let lastError: Error | undefined;
  let closedBy: Error | undefined;
  // The form of the function that returns a promise. Drizzle uses no other one.
  const sendNow: Send = client.query.bind(client);

  async function watched(...args: readonly unknown[]): Promise<unknown> {
    try {
      const result = await sendNow(...args);
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

  let send: Send = watched;
  const query = (...args: readonly unknown[]): Promise<unknown> => send(...args);
  const proxy = new Proxy(client, {
    get: (target, property): unknown => (property === 'query' ? query : Reflect.get(target, property)),
  });
  return {
    db: drizzle(proxy, { schema }),
    sendThrough: (wrap) => {
      send = wrap(watched);
    },
    closedBy: () => closedBy,
    release: () => {
      send = watched;
      if (closedBy === undefined) client.release(lastError);
    },
  };
}

/**
 * Returns a function that calls `create` once for each connection, and returns the same result again. The transactions of a
 * connection get the result of their connection.
 */
export function oncePerConnection<Value>(
  create: (queries: Queries | Transaction) => Value,
): (queries: Queries | Transaction) => Value {
  const values = new WeakMap<object, Value>();
  return (queries) => {
    const { session } = queries._;
    const value = values.get(session) ?? create(queries);
    values.set(session, value);
    return value;
  };
}
