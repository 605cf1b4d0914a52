import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { ClientBase, Pool } from 'pg';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/** A file in `db/migrations/`. */
export interface Migration {
  /** Name of the file without `.sql`, such as `0000_initial`. */
  readonly name: string;
  /** Time of its generation in milliseconds. The table of applied migrations identifies it by this number. */
  readonly createdAt: number;
  readonly hash: string;
  readonly statements: readonly string[];
}

interface Journal {
  readonly entries: readonly { readonly tag: string }[];
}

/** Returns the migrations of this version of the platform, oldest first. */
export function readMigrations(migrationsFolder: string = MIGRATIONS_FOLDER): readonly Migration[] {
  // drizzle-kit writes the journal, and `readMigrationFiles` returns the files in its order.
  const journal = JSON.parse(readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8')) as Journal;
  return readMigrationFiles({ migrationsFolder }).map(({ folderMillis, hash, sql }, index) => ({
    name: journal.entries[index]?.tag ?? 'unknown',
    createdAt: folderMillis,
    hash,
    statements: sql.map((statement) => statement.trim()).filter(Boolean),
  }));
}

/** Returns the migrations that a database does not have. Needs only the right to read. */
export async function pendingMigrations(
  client: Pick<ClientBase | Pool, 'query'>,
  migrations: readonly Migration[] = readMigrations(),
): Promise<readonly Migration[]> {
  const table = await client.query<{ exists: boolean }>(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as exists",
  );
  if (table.rows[0]?.exists !== true) return migrations;
  const { rows } = await client.query<{ newest: string | null }>(
    'select max(created_at) as newest from drizzle.__drizzle_migrations',
  );
  const newest = Number(rows[0]?.newest ?? 0);
  return migrations.filter(({ createdAt }) => createdAt > newest);
}

/**
 * Checks that the database has every migration of this version. Newer migrations are accepted: during an update, processes of
 * the old version run after the migration.
 *
 * @throws Error that names the newest missing migration and the command.
 */
export async function requireMigrated(client: Pick<ClientBase | Pool, 'query'>): Promise<void> {
  const missing = (await pendingMigrations(client)).at(-1);
  if (missing === undefined) return;
  throw new Error(`its schema lacks the migration ${missing.name}: run "npm run db:migrate" and start again`);
}
