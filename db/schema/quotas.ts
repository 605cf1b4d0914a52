import { sql } from 'drizzle-orm';
import { check, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
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
  },
  (table) => [check(QUOTA_CONSTRAINT, sql`${table.liveStores} >= 0`)],
);

/** Counts of a tenant in a cluster. The transactions that change what they count change them too. */
export const tenantClusters = pgTable(
  'tenant_clusters',
  {
    tenantId: text('tenant_id').notNull(),
    cluster: text('cluster').notNull(),
    /** Stores of the tenant in the cluster that are not deleted. */
    liveStores: integer('live_stores').notNull(),
    /** Operations in status `running` whose kind needs a tenant slot. Counting their rows would cost too much. */
    runningOperations: integer('running_operations').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.cluster] }),
    check('tenant_clusters_live_stores', sql`${table.liveStores} >= 0`),
    check('tenant_clusters_running_operations', sql`${table.runningOperations} >= 0`),
  ],
);
