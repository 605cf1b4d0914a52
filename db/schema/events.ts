import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { STEPS, type Step } from '../../domain/operations/catalogue.ts';
import { STORE_STATUSES } from '../../domain/store/status.ts';
import { EVENT_TYPES } from '../../domain/store/store.ts';
import { oneOf } from './checks.ts';
import { document, instant, untrustedText } from './columns.ts';
import { stores } from './stores.ts';

/** Events of stores. `seq` gives the order in a store: 1, 2, 3 … without gaps. */
export const storeEvents = pgTable(
  'store_events',
  {
    storeId: uuid('store_id')
      .notNull()
      .references(() => stores.id),
    seq: integer('seq').notNull(),
    tenantId: text('tenant_id').notNull(),
    /**
     * Identifies the event, so that an activity that is delivered twice writes it once. Null: every write is an event.
     */
    dedupeKey: text('dedupe_key'),
    type: text('type', { enum: EVENT_TYPES }).notNull(),
    step: text('step').$type<Step>(),
    status: text('status', { enum: STORE_STATUSES }).notNull(),
    message: untrustedText('message').notNull(),
    data: document<Readonly<Record<string, unknown>>>('data').notNull(),
    correlationId: text('correlation_id'),
    createdAt: instant('created_at').notNull(),
    /** The operation that the event is about. No foreign key, so that operations are erased without a search for events. */
    operationId: uuid('operation_id'),
    /**
     * Number of the event in its tenant: 1, 2, 3 … in the order of commits. The trigger in `db/security/tenant-events.sql` sets it at
     * the commit, so it is null only inside of the transaction that writes the event.
     */
    tenantSeq: bigint('tenant_seq', { mode: 'number' }),
  },
  (table) => [
    primaryKey({ name: 'store_events_pk', columns: [table.storeId, table.seq] }),
    // The retention finds the oldest events.
    index('store_events_created').on(table.createdAt),
    unique('store_events_dedupe').on(table.storeId, table.dedupeKey),
    uniqueIndex('store_events_tenant').on(table.tenantId, table.tenantSeq),
    check('store_events_type', oneOf(table.type, EVENT_TYPES)),
    check('store_events_status', oneOf(table.status, STORE_STATUSES)),
    check('store_events_step', oneOf(table.step, STEPS)),
    check('store_events_seq', sql`${table.seq} >= 1`),
  ],
);

/** The number of the newest event of each tenant. Only the trigger in `db/security/tenant-events.sql` writes it. */
export const tenantEventCounters = pgTable('tenant_event_counters', {
  tenantId: text('tenant_id').primaryKey(),
  lastSeq: bigint('last_seq', { mode: 'number' }).notNull(),
});
