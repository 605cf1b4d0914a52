import { sql } from 'drizzle-orm';
import { check, index, pgTable, text } from 'drizzle-orm/pg-core';
import { UNACCOUNTED_DECISIONS, type DataEvidence } from '../../domain/unaccounted.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';
import { oneOf } from './checks.ts';
import { document, instant, untrustedText } from './columns.ts';

/** Namespaces with data whose stores have no record, as of the last pass of the reconciler. A person decides about them. */
export const unaccounted = pgTable(
  'unaccounted',
  {
    namespace: text('namespace').primaryKey(),
    /** A namespace that is created again under the same name has another UID, and its entry starts again. */
    uid: text('uid').notNull(),
    target: document<StoreTarget>('target').notNull(),
    evidence: document<DataEvidence>('evidence').notNull(),
    firstSeen: instant('first_seen').notNull(),
    lastSeen: instant('last_seen').notNull(),
    decision: text('decision', { enum: UNACCOUNTED_DECISIONS }),
    decidedAt: instant('decided_at'),
    problem: untrustedText('problem'),
    /** The entry of an adopted store stays, so that a repeated decision finds it. */
    adoptedAt: instant('adopted_at'),
  },
  (table) => [
    check('unaccounted_decision', oneOf(table.decision, UNACCOUNTED_DECISIONS)),
    check('unaccounted_decided_at', sql`(${table.decision} is null) = (${table.decidedAt} is null)`),
    index('unaccounted_list').on(table.firstSeen, table.namespace),
  ],
);
