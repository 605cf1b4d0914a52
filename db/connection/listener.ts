import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { CHANGES_CHANNEL, changeOf } from './announcer.ts';
import type { StoreChange } from './changes.ts';
import type { ConnectionLog } from './database.ts';

/** Time limits in milliseconds. */
const LIMITS = {
  connectionMs: 5_000,
  /** For a query of the connection, and for the arrival of its own notification. */
  answerMs: 5_000,
  /** A connection that is lost silently is found this much later. */
  checkEveryMs: 5_000,
  closeMs: 1_000,
  firstPauseMs: 250,
  longestPauseMs: 5_000,
} as const;

/** One of this many failures in a row is logged. */
const WARN_EVERY = 20;

/** Payload of the notification with which the connection finds out whether notifications arrive. */
const PROBE = 'probe';

export interface Listener {
  /** Whether changes arrive now. If not, those who wait for changes must read more often. */
  isListening(): boolean;
  readonly close: () => Promise<void>;
}

export interface ListenerOptions {
  /** A connection string that leads to Postgres itself or to a pooler in session mode. */
  readonly databaseUrl: string;
  readonly applicationName: string;
  readonly onChange: (change: StoreChange) => void;
  /** Called whenever changes may have been missed: after each new connection, and when the connection is lost. */
  readonly onGap: () => void;
  readonly log: ConnectionLog;
  /** Replaces time limits, for tests. */
  readonly limits?: Partial<Record<keyof typeof LIMITS, number>>;
}

/**
 * Listens to the changes that all processes announce, on a connection of its own, and opens it again when it is lost.
 *
 * Postgres delivers notifications to the session that listens. A pooler in transaction mode gives each transaction another
 * session, so nothing arrives. The listener finds this out by a notification from a second connection and logs it.
 */
export function listenForChanges(options: ListenerOptions): Listener {
  const { log, onGap } = options;
  const limits = { ...LIMITS, ...options.limits };
  let isListening = false;
  let connection: Connection | undefined;
  const closed = new AbortController();

  async function run(): Promise<void> {
    let failures = 0;
    while (!closed.signal.aborted) {
      try {
        connection = await connect(options, limits);
        // `close` was called before there was a connection to end.
        closed.signal.throwIfAborted();
        failures = 0;
        isListening = true;
        onGap();
        await stayConnected(connection, limits.checkEveryMs);
      } catch (error) {
        if (failures % WARN_EVERY === 0 && !closed.signal.aborted)
          log.warn({ err: error }, 'changes of stores do not arrive: readers look for them every two seconds');
      }
      isListening = false;
      await connection?.end();
      onGap();
      await waitUnless(closed.signal, backoffMs(failures, limits));
      failures += 1;
    }
  }

  const running = run();
  return {
    isListening: () => isListening,
    close: async () => {
      closed.abort();
      await connection?.end();
      await running;
    },
  };
}

interface Connection {
  readonly client: Client;
  /** Aborted with the reason when the connection is lost or closed. */
  readonly lost: AbortSignal;
  end(): Promise<void>;
}

/** Returns a connection that receives notifications. @throws Error when none can be opened, or when none arrive on it. */
async function connect(
  options: ListenerOptions,
  limits: Readonly<Record<keyof typeof LIMITS, number>>,
): Promise<Connection> {
  const client = new Client({
    connectionString: options.databaseUrl,
    application_name: options.applicationName,
    connectionTimeoutMillis: limits.connectionMs,
    query_timeout: limits.answerMs,
    keepAlive: true,
  });
  const lost = new AbortController();
  const probed = new AbortController();
  client.on('error', (error) => lost.abort(error));
  client.on('end', () => lost.abort(new Error('the connection was closed')));
  client.on('notification', ({ payload = '' }) => {
    if (payload === PROBE) probed.abort();
    else options.onChange(changeOf(payload));
  });
  const connection = { client, lost: lost.signal, end: () => endWithin(limits.closeMs, client) };
  try {
    await client.connect();
    await client.query(`listen ${CHANGES_CHANNEL}`);
    await sendProbe(options, limits);
    await waitUnless(probed.signal, limits.answerMs);
    if (!probed.signal.aborted) throw new Error(NOT_ARRIVED);
    return connection;
  } catch (error) {
    await connection.end();
    throw error;
  }
}

/** Sends a notification on another connection: a pooler in transaction mode would deliver one of the same connection. */
async function sendProbe(
  options: ListenerOptions,
  limits: Readonly<Record<keyof typeof LIMITS, number>>,
): Promise<void> {
  const sender = new Client({
    connectionString: options.databaseUrl,
    application_name: options.applicationName,
    connectionTimeoutMillis: limits.connectionMs,
    query_timeout: limits.answerMs,
  });
  sender.on('error', () => undefined); // the running query fails with the same error
  try {
    await sender.connect();
    await sender.query(`select pg_notify('${CHANGES_CHANNEL}', '${PROBE}')`);
  } finally {
    await endWithin(limits.closeMs, sender);
  }
}

const NOT_ARRIVED =
  'a notification did not arrive. If Postgres is behind a pooler in transaction mode, set DATABASE_LISTEN_URL to the address of Postgres itself';

/** Checks a connection from time to time. @throws the reason when it is lost. */
async function stayConnected({ client, lost }: Connection, everyMs: number): Promise<never> {
  for (;;) {
    await waitUnless(lost, everyMs);
    lost.throwIfAborted();
    await client.query('select 1');
  }
}

/** Closes a connection. Does not wait for a server that does not answer. */
async function endWithin(ms: number, client: Client): Promise<void> {
  const ended = new AbortController();
  await Promise.race([
    client
      .end()
      .catch(() => undefined)
      .finally(() => ended.abort()),
    waitUnless(ended.signal, ms),
  ]);
}

/** Waits, and ends early when the signal is aborted. */
async function waitUnless(signal: AbortSignal, ms: number): Promise<void> {
  await pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

function backoffMs(failures: number, limits: Readonly<Record<keyof typeof LIMITS, number>>): number {
  const ceiling = Math.min(limits.firstPauseMs * 2 ** failures, limits.longestPauseMs);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
