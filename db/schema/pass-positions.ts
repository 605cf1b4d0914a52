import { check, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { STORE_PASSES } from '../../domain/ports/pass-positions.ts';
import { oneOf } from './checks.ts';
import { instant } from './columns.ts';

/** One row per cluster and pass over its ready stores: how far it has come. */
export const passPositions = pgTable(
  'pass_positions',
  {
    pass: text('pass', { enum: STORE_PASSES }).notNull(),
    cluster: text('cluster').notNull(),
    /** The last store that the pass has reached. Null: all stores. No foreign key, because it is only a place in the order. */
    after: uuid('after'),
    /** When the pass last reached all stores. Null: not yet. */
    completedAt: instant('completed_at'),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.pass, table.cluster] }),
    check('pass_positions_pass', oneOf(table.pass, STORE_PASSES)),
  ],
);
