import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { ConnectionLog } from './open-db.ts';

/** One of the permits that all processes on a database share. */
export interface Permit {
  readonly number: number;
  /** Releases the permit. Never fails. If the session was lost, Postgres has released the permit already. */
  release(): void;
}

export interface Permits {
  /**
   * Waits for a free permit without a time limit, also while Postgres does not answer.
   *
   * @throws AbortError when `signal` is aborted. Then no permit is held.
   */
  acquire(signal: AbortSignal): Promise<Permit>;
  /** Releases all permits of this process. */
  close(): Promise<void>;
}

/** First half of the lock keys. Any number that nothing else in the database uses. */
const LOCK_CLASS = 731_042;
const TIMEOUT_MS = 5_000;
/**
 * Milliseconds between two attempts while all permits are held. A random value, so that processes do not ask together.
 */
const RETRY_MS = { min: 250, max: 750 } as const;

/** Excludes held locks first, because Postgres would grant a session a lock that it already holds. */
const ACQUIRE_PERMIT = `
  with free as materialized (
    select number from generate_series(1, $2::int) number
    where number not in (
      select objid::bigint from pg_locks
      where locktype = 'advisory' and classid = $1::int and granted
        and database = (select oid from pg_database where datname = current_database())
    )
  )
  select number from free where pg_try_advisory_lock($1::int, number) limit 1`;

/**
 * Opens `count` permits that are session-level advisory locks. A process that dies loses its session and its permits,
 * so no lease and no cleanup is needed. A process that only loses its session continues its work. During that time more
 * than `count` processes may work. Requires a connection that is not pooled by transaction.
 */
export function openPermits(options: {
  readonly databaseUrl: string;
  readonly count: number;
  readonly log: ConnectionLog;
}): Permits {
  let session: Promise<Client> | undefined;

  function currentSession(): Promise<Client> {
    if (session !== undefined) return session;
    const opening = connect();
    session = opening;
    const forget = (): void => {
      if (session === opening) session = undefined;
    };
    opening.then((client) => client.once('end', forget), forget);
    return opening;
  }

  async function connect(): Promise<Client> {
    const client = new Client({
      connectionString: options.databaseUrl,
      application_name: 'store-platform permits',
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', (error) => options.log.warn({ err: error }, 'the permits of this process were lost'));
    await client.connect();
    return client;
  }

  async function tryAcquire(): Promise<Permit | undefined> {
    const client = await currentSession();
    try {
      const { rows } = await client.query<{ number: number }>(ACQUIRE_PERMIT, [LOCK_CLASS, options.count]);
      const number = rows[0]?.number;
      return number === undefined ? undefined : { number, release: () => void release(client, number) };
    } catch (error) {
      await end(client); // It is unknown whether a permit was acquired. The end of the session releases it.
      throw error;
    }
  }

  async function acquire(signal: AbortSignal): Promise<Permit> {
    for (;;) {
      try {
        const permit = await tryAcquire();
        if (permit !== undefined && !signal.aborted) return permit;
        permit?.release();
      } catch (error) {
        options.log.warn({ err: error }, 'the request for a permit failed and is repeated');
      }
      await delay(RETRY_MS.min + Math.random() * (RETRY_MS.max - RETRY_MS.min), undefined, { signal });
    }
  }

  async function close(): Promise<void> {
    const client = await session?.catch(() => undefined);
    if (client !== undefined) await end(client);
  }

  return { acquire, close };
}

async function release(client: Client, number: number): Promise<void> {
  try {
    await client.query('select pg_advisory_unlock($1::int, $2::int)', [LOCK_CLASS, number]);
  } catch {
    await end(client); // The end of the session releases the permit.
  }
}

/** Ends a session, which may have ended already. */
async function end(client: Client): Promise<void> {
  await client.end().catch(() => undefined);
}
