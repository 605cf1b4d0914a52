import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';

/**
 * Counts of requests for limits, in the form that rate-limiter-flexible requires. A migration makes the table unlogged: after
 * a crash of Postgres it is empty, and all counts begin again.
 */
export const requestCounts = pgTable('request_counts', {
  key: text('key').primaryKey(),
  points: integer('points').notNull().default(0),
  /** In milliseconds since 1970. */
  expire: bigint('expire', { mode: 'number' }),
});
