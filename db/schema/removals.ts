import { sql } from 'drizzle-orm';
import { bigint, boolean, check, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** The one row that says whether the reconciler may remove objects. */
export const removals = pgTable(
  'removals',
  {
    singleton: boolean('singleton').primaryKey().default(true),
    /** Number of checks of this database. The cluster holds the last value that the platform has seen. */
    checks: bigint('checks', { mode: 'number' }).notNull().default(0),
    pausedSince: instant('paused_since'),
    reason: text('reason'),
    /** `pausedSince` of the pause that an operator has confirmed. */
    confirmed: instant('confirmed'),
  },
  (table) => [
    check('removals_singleton', sql`${table.singleton}`),
    check('removals_reason', sql`(${table.pausedSince} is null) = (${table.reason} is null)`),
  ],
);
