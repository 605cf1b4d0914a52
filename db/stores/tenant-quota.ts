import { eq, sql } from 'drizzle-orm';
import type { TenantQuota } from '../../domain/ports/quota-records.ts';
import type { Queries, Transaction } from '../connection/open-db.ts';
import { tenantQuotas } from '../schema/quotas.ts';
import { tenants } from '../schema/tenants.ts';
import { ofTenant } from './of-tenant.ts';

/** Limits of tenants for which operators have set none. */
export interface DefaultLimits {
  readonly maxStores: number;
  readonly maxRunning: number;
}

/** Returns the limits and the use of a tenant. */
export async function quotaOf(queries: Queries, tenantId: string, defaults: DefaultLimits): Promise<TenantQuota> {
  const [[limits], [used]] = await Promise.all([
    queries
      .select({ maxStores: tenants.maxStores, maxRunning: tenants.maxRunning })
      .from(tenants)
      .where(eq(tenants.id, tenantId)),
    queries.select().from(tenantQuotas).where(ofTenant(tenantQuotas, tenantId)),
  ]);
  return {
    stores: { limit: limits?.maxStores ?? defaults.maxStores, used: used?.liveStores ?? 0 },
    runningOperations: { limit: limits?.maxRunning ?? defaults.maxRunning, used: used?.runningOperations ?? 0 },
  };
}

/**
 * Locks the quota row of a tenant until the transaction ends. A transaction that takes or frees a tenant slot holds it.
 * Every transaction locks in the order store, tenant, operations, so that no two transactions wait for each other.
 *
 * @returns the number of operations that hold a tenant slot, and the limit that operators have set for the tenant. Null: none.
 */
export async function lockTenantQuota(
  tx: Transaction,
  tenantId: string,
): Promise<{ readonly running: number; readonly maxRunning: number | null }> {
  const maxRunning = sql<number | null>`(select max_running from ${tenants} where id = tenant_quotas.tenant_id)`;
  const [quota] = await tx
    .select({ running: tenantQuotas.runningOperations, maxRunning })
    .from(tenantQuotas)
    .where(eq(tenantQuotas.tenantId, tenantId))
    .for('update');
  if (quota === undefined) throw new Error(`tenant ${tenantId} has no quota row`);
  return quota;
}

/**
 * Locks the quota row of a tenant until the transaction ends, and creates the row if the tenant has none: what the transaction
 * counts then cannot grow at the same time.
 */
export async function holdTenantQuota(tx: Transaction, tenantId: string, now: Date): Promise<void> {
  await tx
    .insert(tenantQuotas)
    .values({ tenantId, liveStores: 0, updatedAt: now })
    .onConflictDoUpdate({ target: tenantQuotas.tenantId, set: { updatedAt: now } });
}

/** Changes the number of operations that hold a tenant slot. The transaction holds the lock of the quota row. */
export async function countRunning(tx: Transaction, tenantId: string, change: number): Promise<void> {
  if (change === 0) return;
  await tx
    .update(tenantQuotas)
    .set({ runningOperations: sql`${tenantQuotas.runningOperations} + ${change}` })
    .where(eq(tenantQuotas.tenantId, tenantId));
}

/** Runs in the transaction that changes the status to `deleted`, so that a store leaves the count once. */
export async function decrementQuota(tx: Transaction, tenantId: string, now: Date): Promise<void> {
  await tx
    .update(tenantQuotas)
    .set({ liveStores: sql`${tenantQuotas.liveStores} - 1`, updatedAt: now })
    .where(eq(tenantQuotas.tenantId, tenantId));
}
