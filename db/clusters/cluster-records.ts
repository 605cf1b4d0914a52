import { count, eq, getTableColumns, isNotNull, isNull, sql } from 'drizzle-orm';
import { CLUSTER } from '../../domain/names.ts';
import type {
  ClusterChanges,
  ClusterFacts,
  ClusterRecords,
  ClusterRegistry,
} from '../../domain/ports/cluster-records.ts';
import type { NodeKind } from '../../domain/store/store.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database, Queries } from '../connection/open-db.ts';
import { clusters } from '../schema/clusters.ts';
import { operations } from '../schema/operations.ts';
import { tenantQuotas } from '../schema/quotas.ts';

/** Stores that are not deleted. An installation has one cluster, so they are all in it. */
const residentStores = sql<number>`(select coalesce(sum(${tenantQuotas.liveStores}), 0)::int from ${tenantQuotas})`;

/** Creates the records of clusters for the API and for workers on a database. */
export function createClusterRecords(db: Database): ClusterRecords & ClusterRegistry {
  const openOperations = db.select({ count: count() }).from(operations).where(isNull(operations.endedAt));
  const select = () =>
    db
      .select({
        ...getTableColumns(clusters),
        residentStores,
        openOperations: sql<number>`(${openOperations})`.mapWith(Number),
      })
      .from(clusters);

  async function nodes(): Promise<NodeKind> {
    const [cluster] = await db.select({ nodes: clusters.nodes }).from(clusters).where(eq(clusters.name, CLUSTER));
    return cluster?.nodes ?? 'unknown';
  }

  async function update(name: string, changes: ClusterChanges, now: Date) {
    await db
      .update(clusters)
      .set({ ...changes, updatedAt: now })
      .where(eq(clusters.name, name));
    const [cluster] = await select().where(eq(clusters.name, name));
    return cluster;
  }

  async function recordAnswer(facts: ClusterFacts, now: Date): Promise<void> {
    const seen = { ...facts, answered: true, lastSeenAt: now, updatedAt: now };
    await db
      .insert(clusters)
      .values({ name: CLUSTER, ...seen, createdAt: now })
      .onConflictDoUpdate({ target: clusters.name, set: seen });
  }

  async function recordSilence(): Promise<void> {
    await db.update(clusters).set({ answered: false }).where(eq(clusters.name, CLUSTER));
  }

  return translatingConnectionErrors({
    list: async () => select().orderBy(clusters.name),
    nodes,
    update,
    recordAnswer,
    recordSilence,
  });
}

/** Setting of a transaction: `false` when the cluster accepts no new store. */
const ACCEPTS = 'app.cluster_accepts';

/** Condition of a query in a transaction that has read the load of the cluster. */
export const clusterRefuses = sql`current_setting('${sql.raw(ACCEPTS)}', true) = 'false'`;

/**
 * Prepares a query that returns what decides whether the cluster accepts another store ({@link placementRefusal}), and tells it
 * the later queries of the transaction. It needs the rights of the platform, because it counts the stores of all tenants. A
 * store that is created at the same moment is not in the count.
 */
export function prepareClusterLoad(db: Queries) {
  const { name, status, capacity } = clusters;
  // Without a capacity, nothing is counted.
  const resident = db
    .select({ stores: sql<number>`coalesce(sum(${tenantQuotas.liveStores}), 0)::int`.as('stores') })
    .from(tenantQuotas)
    .where(isNotNull(capacity))
    .as('resident');
  const accepts = sql`${status} = 'ready' and coalesce(${resident.stores} < ${capacity}, true)`;
  return db
    .select({
      name,
      status,
      capacity,
      residentStores: resident.stores,
      accepts: sql`set_config('${sql.raw(ACCEPTS)}', (${accepts})::text, true)`,
    })
    .from(clusters)
    .crossJoinLateral(resident)
    .where(eq(name, CLUSTER))
    .prepare('cluster_load');
}
