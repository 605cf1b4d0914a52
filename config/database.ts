import { installationId, integer, optionalText, text } from './schemas.ts';

/** Settings of the database with the records. */
export const databaseSettings = {
  DATABASE_URL: optionalText().describe('Postgres connection string. It overrides the DB_ settings'),
  DB_HOST: text('127.0.0.1').describe('Postgres host'),
  DB_PORT: integer(5432, 1, 65_535).describe('Postgres port'),
  DB_NAME: text('store_platform').describe('Postgres database'),
  DB_USER: text('store_platform').describe('Postgres role'),
  DB_PASSWORD: text('').describe('Password of the Postgres role'),
  DATABASE_LISTEN_URL: optionalText().describe(
    'Postgres connection string of the one connection on which the API waits for changes. Set it to the address of Postgres itself when DATABASE_URL leads to a connection pooler. Default: DATABASE_URL',
  ),
  DB_POOL_SIZE: integer(10, 4, 200).describe(
    'Maximum number of Postgres connections per process. In a worker, it also limits how many record writes run at the same time',
  ),
  INSTALLATION_ID: installationId().describe(
    'Id of the installation, a UUID that no other installation has. A new database gets it; with a database that has another id, the process does not start. Default: the id of the database, which is random for a new one',
  ),
} as const;

interface DatabaseSettings {
  readonly DATABASE_URL?: string | undefined;
  readonly DB_HOST: string;
  readonly DB_PORT: number;
  readonly DB_NAME: string;
  readonly DB_USER: string;
  readonly DB_PASSWORD: string;
}

/** Returns the connection string of the database: DATABASE_URL, or one of the DB_ settings. */
export function databaseUrlFrom(env: DatabaseSettings): string {
  if (env.DATABASE_URL !== undefined) return env.DATABASE_URL;
  const password = env.DB_PASSWORD === '' ? '' : `:${encodeURIComponent(env.DB_PASSWORD)}`;
  return `postgres://${encodeURIComponent(env.DB_USER)}${password}@${env.DB_HOST}:${env.DB_PORT}/${encodeURIComponent(env.DB_NAME)}`;
}
