import { count, eq, getTableColumns, isNull, sql } from 'drizzle-orm';
import type { ClusterLoad } from '../../domain/clusters.ts';
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

/**
 * Returns a function that reads what decides whether the cluster accepts another store. The query sees all tenants, so it is none
 * of a tenant. A store that is created at the same moment is not in the count. Each connection plans it once.
 */
export function clusterLoadReader(db: Queries): () => Promise<ClusterLoad | undefined> {
  const { name, status, capacity } = clusters;
  const select = db
    .select({
      name,
      status,
      capacity,
      residentStores: sql<number>`case when ${capacity} is null then 0 else ${residentStores} end`,
    })
    .from(clusters)
    .where(eq(name, CLUSTER))
    .prepare('cluster_load');
  return async () => {
    const [load] = await select.execute();
    return load;
  };
}
