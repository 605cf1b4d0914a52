import type { Pool } from 'pg';

/** A copy of all tables of a database. */
export interface TableBackup {
  /** Replaces the rows of all tables by the copy, in one transaction, as a restore of a dump does. */
  restore(): Promise<void>;
  drop(): Promise<void>;
}

/** Copies all tables of a database into a schema of the same database. The role must own them. */
export async function backUpTables(database: Pool): Promise<TableBackup> {
  const schema = `backup_${Date.now().toString(36)}`;
  // Tables that others refer to come first, so that every foreign key finds its row.
  const { rows } = await database.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r'
     order by exists (select from pg_constraint where contype = 'f' and confrelid = pg_class.oid) desc, relname`,
  );
  const tables = rows.map(({ name }) => name);
  await inTransaction(database, [
    `create schema ${schema}`,
    ...tables.map((table) => `create table ${schema}.${table} as table public.${table}`),
  ]);
  return {
    restore: () =>
      inTransaction(database, [
        `truncate ${tables.map((table) => `public.${table}`).join(', ')}`,
        ...tables.map(
          (table) => `insert into public.${table} overriding system value select * from ${schema}.${table}`,
        ),
      ]),
    drop: () => inTransaction(database, [`drop schema ${schema} cascade`]),
  };
}

async function inTransaction(database: Pool, statements: readonly string[]): Promise<void> {
  const client = await database.connect();
  try {
    // One message: Postgres runs it as one transaction.
    await client.query(statements.join(';\n'));
  } finally {
    client.release();
  }
}
