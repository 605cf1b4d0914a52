import { sql } from 'drizzle-orm';
import { check, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** A create violates this constraint when the quota is full. */
export const QUOTA_CONSTRAINT = 'tenant_quotas_live_stores';

/** Counts of a tenant. The transactions that change what they count change them too. */
export const tenantQuotas = pgTable(
  'tenant_quotas',
  {
    tenantId: text('tenant_id').primaryKey(),
    /** Stores that count against the tenant's quota. */
    liveStores: integer('live_stores').notNull(),
    updatedAt: instant('updated_at').notNull(),
    /** Operations in status `running` whose kind needs a tenant slot. Counting their rows would cost too much. */
    runningOperations: integer('running_operations').notNull().default(0),
  },
  (table) => [
    check(QUOTA_CONSTRAINT, sql`${table.liveStores} >= 0`),
    check('tenant_quotas_running_operations', sql`${table.runningOperations} >= 0`),
  ],
);
