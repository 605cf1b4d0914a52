import { sql } from 'drizzle-orm';
import { boolean, check, pgTable, uuid } from 'drizzle-orm/pg-core';

/** The one row that identifies this installation among those that share its cluster. */
export const installation = pgTable(
  'installation',
  { singleton: boolean('singleton').primaryKey().default(true), id: uuid('id').notNull() },
  (table) => [check('installation_singleton', sql`${table.singleton}`)],
);
