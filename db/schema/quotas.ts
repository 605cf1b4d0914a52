import { sql } from 'drizzle-orm';
import { check, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** A create violates this constraint when the quota is full. */
export const QUOTA_CONSTRAINT = 'tenant_quotas_live_stores';

/** Number of stores that count against a tenant's quota. The transactions that create and delete stores change it. */
export const tenantQuotas = pgTable(
  'tenant_quotas',
  {
    tenantId: text('tenant_id').primaryKey(),
    liveStores: integer('live_stores').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [check(QUOTA_CONSTRAINT, sql`${table.liveStores} >= 0`)],
);
