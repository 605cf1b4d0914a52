import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '../connection/open-db.ts';
import { tenantQuotas } from '../schema/quotas.ts';

/**
 * Locks the quota row of a tenant until the transaction ends. A transaction that takes or frees a tenant slot holds it.
 * Every transaction locks in the order store, tenant, operations, so that no two transactions wait for each other.
 *
 * @returns the number of operations that hold a tenant slot.
 */
export async function lockTenantQuota(tx: Transaction, tenantId: string): Promise<number> {
  const [quota] = await tx
    .select({ running: tenantQuotas.runningOperations })
    .from(tenantQuotas)
    .where(eq(tenantQuotas.tenantId, tenantId))
    .for('update');
  if (quota === undefined) throw new Error(`tenant ${tenantId} has no quota row`);
  return quota.running;
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
