import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { ConnectionLog } from './open-db.ts';

/** One of a number of permits that all processes on a database share. */
export interface Permit {
  readonly number: number;
  /** Gives it back; never fails. A permit whose session was lost was given back by Postgres. */
  release(): void;
}

export interface Permits {
  /**
   * Waits for a free permit, for as long as it takes; also while Postgres is away.
   *
   * @throws AbortError when `signal` is aborted; then no permit is held.
   */
  acquire(signal: AbortSignal): Promise<Permit>;
  /** Gives all permits back. */
  close(): Promise<void>;
}

/** First half of the locks' keys: any number that nothing else in the database uses. */
const LOCK_CLASS = 731_042;
const TIMEOUT_MS = 5_000;
/** How often it is asked while all permits are taken; at random within the bounds, so that processes don't ask together. */
const RETRY_MS = { min: 250, max: 750 } as const;

/** Locks that are held are left out first, since a session would be given one that it has already. */
const TAKE = `
  with untaken as materialized (
    select number from generate_series(1, $2::int) number
    where number not in (
      select objid::bigint from pg_locks
      where locktype = 'advisory' and classid = $1::int and granted
        and database = (select oid from pg_database where datname = current_database())
    )
  )
  select number from untaken where pg_try_advisory_lock($1::int, number) limit 1`;

/**
 * `count` permits as session-level advisory locks: a process that dies loses its session and with it its permits, so none
 * needs a lease or a clean-up. A process that only loses its session goes on with what it has begun, and for that long more
 * than `count` may be at work. Needs a connection that is not pooled by transaction.
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

  async function take(): Promise<Permit | undefined> {
    const client = await currentSession();
    try {
      const { rows } = await client.query<{ number: number }>(TAKE, [LOCK_CLASS, options.count]);
      const number = rows[0]?.number;
      return number === undefined ? undefined : { number, release: () => void release(client, number) };
    } catch (error) {
      await end(client); // nobody knows whether a permit was taken; without the session none is
      throw error;
    }
  }

  async function acquire(signal: AbortSignal): Promise<Permit> {
    for (;;) {
      try {
        const permit = await take();
        if (permit !== undefined && !signal.aborted) return permit;
        permit?.release();
      } catch (error) {
        options.log.warn({ err: error }, 'no permit could be asked for; trying again');
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
    await end(client); // with its session, the permit is free for certain
  }
}

/** Ends a session that may be gone already. */
async function end(client: Client): Promise<void> {
  await client.end().catch(() => undefined);
}
