import { Client } from 'pg';

const TIMEOUT_MS = 5_000;
/** A pooler that hands out its server connections in turn needs several rounds to show itself. */
const ROUNDS = 3;

/**
 * Checks that each connection keeps its own Postgres session. Session settings, prepared statements and advisory locks of the
 * platform need that. A pooler such as PgBouncer keeps it only in session mode.
 *
 * @throws Error in one sentence when a pooler shares sessions between transactions.
 */
export async function requireSessionPooling(databaseUrl: string): Promise<void> {
  const [client, other] = [connection(databaseUrl), connection(databaseUrl)];
  try {
    await client.connect();
    const session = await sessionOf(client);
    if (session === processIdOf(client)) return; // no pooler in between
    await other.connect();
    for (let round = 0; round < ROUNDS; round += 1) {
      if (await sharesSession(client, other)) throw new Error(SHARED);
    }
  } finally {
    await Promise.all([client.end(), other.end()]);
  }
}

const SHARED =
  'a connection pooler in front of it shares sessions between transactions. Set its pool mode to "session", or connect to Postgres directly';

function connection(databaseUrl: string): Client {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    application_name: 'store-platform start',
  });
  client.on('error', () => undefined); // the running query fails with the same error
  return client;
}

/** Returns whether the session of one connection moves to another one while its own connection is idle. */
async function sharesSession(client: Client, other: Client): Promise<boolean> {
  const before = await sessionOf(client);
  await other.query('begin');
  try {
    return (await sessionOf(other)) === before || (await sessionOf(client)) !== before;
  } finally {
    await other.query('rollback');
  }
}

/** Returns the process id of the Postgres session that runs the queries. */
async function sessionOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

/** Returns the process id that the server named at the start of the connection. A pooler names one of its own. */
function processIdOf(client: Client): number | null {
  // The type of the driver lacks this property.
  return (client as Client & { readonly processID: number | null }).processID;
}
