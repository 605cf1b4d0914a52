import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import type { EventType } from '../../domain/store/store.ts';
import {
  DELIVERY_STATES,
  DISABLED_REASONS,
  type MessageType,
  type StoredSecret,
  WEBHOOK_STATUSES,
} from '../../domain/webhooks.ts';
import { newestFirst, oneOf } from './checks.ts';
import { document, instant, untrustedText } from './columns.ts';

/** One row per webhook. A deleted webhook keeps its row until the retention erases it with its deliveries. */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    url: text('url').notNull(),
    /** Null: all types. */
    eventTypes: text('event_types').array().$type<readonly EventType[]>(),
    description: text('description').notNull(),
    status: text('status', { enum: WEBHOOK_STATUSES }).notNull(),
    disabledReason: text('disabled_reason', { enum: DISABLED_REASONS }),
    failingSince: instant('failing_since'),
    /** Newest first. Each secret is encrypted. */
    secrets: document<readonly StoredSecret[]>('secrets').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    check('webhook_endpoints_status', oneOf(table.status, WEBHOOK_STATUSES)),
    check('webhook_endpoints_disabled_reason', oneOf(table.disabledReason, DISABLED_REASONS)),
    check(
      'webhook_endpoints_disabled_since',
      sql`(${table.status} = 'disabled') = (${table.disabledReason} is not null)`,
    ),
    check('webhook_endpoints_deleted', sql`${table.deletedAt} is null or ${table.status} = 'disabled'`),
    index('webhook_endpoints_list')
      .on(table.tenantId, ...newestFirst(table.createdAt, table.id))
      .where(sql`${table.deletedAt} is null`),
    // The write of an event looks for the webhooks of its tenant.
    index('webhook_endpoints_enabled')
      .on(table.tenantId)
      .where(sql`${table.status} = 'enabled'`),
    index('webhook_endpoints_deleted_at')
      .on(table.deletedAt)
      .where(sql`${table.deletedAt} is not null`),
  ],
);

/**
 * One row per message and webhook. The transaction that writes an event writes its deliveries too. A delivery has no foreign
 * key to its event, because the retention erases events and stores first.
 */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    webhookId: uuid('webhook_id')
      .notNull()
      .references(() => webhookEndpoints.id),
    messageId: text('message_id').notNull(),
    type: text('type').$type<MessageType>().notNull(),
    storeId: uuid('store_id'),
    seq: integer('seq'),
    state: text('state', { enum: DELIVERY_STATES }).notNull().default('pending'),
    round: integer('round').notNull().default(1),
    attempts: integer('attempts').notNull().default(0),
    lastAttemptAt: instant('last_attempt_at'),
    lastStatus: integer('last_status'),
    lastError: untrustedText('last_error'),
    responseSnippet: untrustedText('response_snippet'),
    nextAttemptAt: instant('next_attempt_at'),
    /** When the run of this round was last started. Null: it needs one. */
    startedAt: instant('started_at'),
    createdAt: instant('created_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    unique('webhook_deliveries_message').on(table.webhookId, table.messageId),
    check('webhook_deliveries_state', oneOf(table.state, DELIVERY_STATES)),
    check('webhook_deliveries_event', sql`(${table.storeId} is null) = (${table.seq} is null)`),
    check(
      'webhook_deliveries_ended_since',
      sql`(${table.state} in ('pending', 'retrying')) = (${table.endedAt} is null)`,
    ),
    index('webhook_deliveries_list').on(table.webhookId, ...newestFirst(table.createdAt, table.id)),
    index('webhook_deliveries_list_state').on(table.webhookId, table.state, ...newestFirst(table.createdAt, table.id)),
    // The worker starts the runs of new deliveries, oldest first.
    index('webhook_deliveries_unstarted')
      .on(table.createdAt)
      .where(sql`${table.startedAt} is null`),
    // The worker looks for lost runs.
    index('webhook_deliveries_open')
      .on(table.startedAt)
      .where(sql`${table.endedAt} is null`),
    // The retention finds the oldest deliveries.
    index('webhook_deliveries_created').on(table.createdAt),
  ],
);
