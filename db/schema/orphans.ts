import { check, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { ORPHAN_KINDS } from '../../domain/orphans.ts';
import { oneOf } from './checks.ts';
import { instant } from './columns.ts';

/** Objects in the clusters that belong to no store, as of the last pass of the reconciler over each cluster. */
export const orphans = pgTable(
  'orphans',
  {
    /** UID of the Kubernetes object. An object that is created again under the same name is another orphan. */
    uid: text('uid').primaryKey(),
    cluster: text('cluster').notNull(),
    kind: text('kind', { enum: ORPHAN_KINDS }).notNull(),
    name: text('name').notNull(),
    namespace: text('namespace'),
    storeId: text('store_id'),
    reason: text('reason').notNull(),
    firstSeen: instant('first_seen').notNull(),
    /** Start of the last pass that saw it, by the clock of the Temporal server. */
    lastSeen: instant('last_seen').notNull(),
    /** Null: the platform never removes the orphan by itself. */
    removableAfter: instant('removable_after'),
    /** When an operator approved the removal. */
    approvedAt: instant('approved_at'),
    /** The largest number of orphans, itself included, with which a limit held it back. Null: none did. */
    heldBackWith: integer('held_back_with'),
  },
  (table) => [
    check('orphans_kind', oneOf(table.kind, ORPHAN_KINDS)),
    index('orphans_list').on(table.firstSeen, table.uid),
  ],
);
