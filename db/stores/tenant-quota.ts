import { and, eq, max, sql } from 'drizzle-orm';
import type { TenantQuota } from '../../domain/ports/quota-records.ts';
import type { Queries, Transaction } from '../connection/open-db.ts';
import { oncePerConnection } from '../connection/session.ts';
import { tenantClusters, tenantQuotas } from '../schema/quotas.ts';
import { tenants } from '../schema/tenants.ts';
import { ofTenant } from './of-tenant.ts';

/** Limits of tenants for which operators have set none. */
export interface DefaultLimits {
  readonly maxStores: number;
  readonly maxRunning: number;
}

/** Returns the limits and the use of a tenant. */
export async function quotaOf(queries: Queries, tenantId: string, defaults: DefaultLimits): Promise<TenantQuota> {
  const [[limits], [used], [fullest]] = await Promise.all([
    queries
      .select({ maxStores: tenants.maxStores, maxRunning: tenants.maxRunning })
      .from(tenants)
      .where(eq(tenants.id, tenantId)),
    queries.select().from(tenantQuotas).where(ofTenant(tenantQuotas, tenantId)),
    queries
      .select({ running: max(tenantClusters.runningOperations) })
      .from(tenantClusters)
      .where(ofTenant(tenantClusters, tenantId)),
  ]);
  return {
    stores: { limit: limits?.maxStores ?? defaults.maxStores, used: used?.liveStores ?? 0 },
    runningOperations: { limit: limits?.maxRunning ?? defaults.maxRunning, used: fullest?.running ?? 0 },
  };
}

/** A tenant in a cluster. Each has tenant slots of its own: a cluster that is away holds no slot of another one. */
export interface TenantInCluster {
  readonly tenantId: string;
  readonly cluster: string;
}

export interface TenantSlots {
  /** Number of operations that hold a tenant slot. */
  readonly running: number;
  /** The limit that operators have set for the tenant. Null: none. */
  readonly maxRunning: number | null;
}

/**
 * Locks the row of a tenant in a cluster until the transaction ends. A transaction that takes or frees a tenant slot holds it.
 * Every transaction locks in the order store, quota, tenant in the cluster, operations, so that no two transactions wait for
 * each other.
 */
export async function lockTenantSlots(tx: Transaction, { tenantId, cluster }: TenantInCluster): Promise<TenantSlots> {
  const [slots] = await selectSlotsLocked(tx).execute({ tenantId, cluster });
  if (slots === undefined) throw new Error(`tenant ${tenantId} has no row for the cluster ${cluster}`);
  return slots;
}

const selectSlotsLocked = oncePerConnection((queries) => {
  const maxRunning = sql<number | null>`(select max_running from ${tenants} where id = tenant_clusters.tenant_id)`;
  return queries
    .select({ running: tenantClusters.runningOperations, maxRunning })
    .from(tenantClusters)
    .where(
      and(
        eq(tenantClusters.tenantId, sql.placeholder('tenantId')),
        eq(tenantClusters.cluster, sql.placeholder('cluster')),
      ),
    )
    .for('update')
    .prepare('lock_tenant_slots');
});

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

/** Changes the number of operations that hold a tenant slot. The transaction holds the lock of `lockTenantSlots`. */
export async function countRunning(tx: Transaction, tenant: TenantInCluster, change: number): Promise<void> {
  if (change === 0) return;
  await tx
    .update(tenantClusters)
    .set({ runningOperations: sql`${tenantClusters.runningOperations} + ${change}` })
    .where(isTenantInCluster(tenant));
}

/** Runs in the transaction that changes the status to `deleted`, so that a store leaves the counts once. */
export async function decrementQuota(tx: Transaction, tenant: TenantInCluster, now: Date): Promise<void> {
  await tx
    .update(tenantQuotas)
    .set({ liveStores: sql`${tenantQuotas.liveStores} - 1`, updatedAt: now })
    .where(eq(tenantQuotas.tenantId, tenant.tenantId));
  await tx
    .update(tenantClusters)
    .set({ liveStores: sql`${tenantClusters.liveStores} - 1` })
    .where(isTenantInCluster(tenant));
}

function isTenantInCluster({ tenantId, cluster }: TenantInCluster) {
  return and(eq(tenantClusters.tenantId, tenantId), eq(tenantClusters.cluster, cluster));
}
