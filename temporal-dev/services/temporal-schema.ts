import { execa } from 'execa';
import { Client } from 'pg';
import { minimalEnvironment, type ServiceContext } from '../service.ts';
import { messageOf, StackError } from '../stack-error.ts';

/** Where the nodes of Temporal keep their state. */
export interface TemporalDatabase {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
}

/** The databases of Temporal, beside that of the platform, with the definitions of their tables in the schema tool. */
export const TEMPORAL_DATABASES = {
  main: { name: 'temporal', schema: 'postgresql/v12/temporal' },
  visibility: { name: 'temporal_visibility', schema: 'postgresql/v12/visibility' },
} as const;

/** The plugin of the server and of the schema tool for Postgres. */
export const POSTGRES_PLUGIN = 'postgres12_pgx';

/**
 * Creates the databases of Temporal if they do not exist, and brings their tables to the version of the server.
 *
 * @throws StackError with the output of the schema tool when it fails.
 */
export async function prepareTemporalDatabase(context: ServiceContext, databaseUrl: string): Promise<TemporalDatabase> {
  const { hostname: host, port, username, password } = new URL(databaseUrl);
  const database = { host, port, user: decodeURIComponent(username), password: decodeURIComponent(password) };
  await createDatabases(databaseUrl);
  for (const { name, schema } of Object.values(TEMPORAL_DATABASES)) {
    // Repeatable: does nothing in a database that has a version.
    await runSchemaTool(context, { database, name, args: ['setup-schema', '--version', '0.0'] });
    await runSchemaTool(context, { database, name, args: ['update-schema', '--schema-name', schema] });
  }
  return database;
}

async function createDatabases(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 3_000 });
  client.on('error', () => undefined); // the next query fails with the same error
  try {
    await client.connect();
    for (const { name } of Object.values(TEMPORAL_DATABASES)) {
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (found.rowCount === 0) await client.query(`CREATE DATABASE ${name}`);
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function runSchemaTool(
  { toolPath, signal }: ServiceContext,
  run: { readonly database: TemporalDatabase; readonly name: string; readonly args: readonly string[] },
): Promise<void> {
  const { host, port, user, password } = run.database;
  try {
    await execa(toolPath('temporal-sql-tool'), run.args, {
      // Every user of the machine can read arguments, but not the environment of a process.
      env: {
        ...minimalEnvironment(),
        SQL_PLUGIN: POSTGRES_PLUGIN,
        SQL_HOST: host,
        SQL_PORT: port,
        SQL_USER: user,
        SQL_PASSWORD: password,
        SQL_DATABASE: run.name,
      },
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      cancelSignal: signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new StackError(
      `temporal-sql-tool ${run.args[0]} failed for the database ${run.name}. Fix its error and start again:\n${messageOf(error)}`,
      { cause: error },
    );
  }
}
