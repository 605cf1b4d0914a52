import type { ClientBase } from 'pg';

/** A client or a pool of the database whose sessions are meant. */
type Database = Pick<ClientBase, 'query'>;

/**
 * Ends sessions in the database of `database`, as a restart of Postgres does, and returns their number. It ends only sessions
 * that are the test's own: those of clients of the same role in the same database. Autovacuum and other processes of Postgres
 * have sessions there too, and only a superuser can end them.
 */
export async function endSessions(
  database: Database,
  {
    applicationName,
    onlyActive = false,
  }: {
    /** Default: sessions of every application. */
    readonly applicationName?: string;
    /** True: sessions that run a statement or have an open transaction. Default false. */
    readonly onlyActive?: boolean;
  } = {},
): Promise<number> {
  const { rowCount } = await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and usename = current_user and backend_type = 'client backend'
     and pid <> pg_backend_pid() and ($1::text is null or application_name = $1) and (not $2 or state <> 'idle')`,
    [applicationName ?? null, onlyActive],
  );
  return rowCount ?? 0;
}

/**
 * Returns true when a session of the database waits for a lock on the table. All test databases are clones of one template, so a
 * table has the same id in each of them.
 */
export async function isWaitedFor(database: Database, table: string): Promise<boolean> {
  const { rowCount } = await database.query(
    `select from pg_locks where not granted and relation = $1::regclass
     and database = (select oid from pg_database where datname = current_database())`,
    [table],
  );
  return (rowCount ?? 0) > 0;
}
