import { and, count, eq, getTableColumns, isNull, sql } from 'drizzle-orm';
import type {
  ClusterChanges,
  ClusterFacts,
  ClusterRecords,
  ClusterRegistry,
  NewCluster,
} from '../../domain/ports/cluster-records.ts';
import type { NodeKind } from '../../domain/store/store.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database } from '../connection/open-db.ts';
import { clusters } from '../schema/clusters.ts';
import { operations } from '../schema/operations.ts';
import { tenantClusters } from '../schema/quotas.ts';

/** Stores of the cluster that are not deleted. */
const residentStores = sql<number>`(
  select coalesce(sum(${tenantClusters.liveStores}), 0)::int from ${tenantClusters}
  where ${tenantClusters.cluster} = ${clusters.name}
)`;

/** Creates the records of clusters for the API and for workers on a database. */
export function createClusterRecords(db: Database): ClusterRecords & ClusterRegistry {
  const openOperations = db
    .select({ count: count() })
    .from(operations)
    .where(and(isNull(operations.endedAt), eq(operations.cluster, clusters.name)));
  const select = () =>
    db
      .select({
        ...getTableColumns(clusters),
        residentStores,
        openOperations: sql<number>`(${openOperations})`.mapWith(Number),
      })
      .from(clusters);

  async function nodes(): Promise<NodeKind> {
    const known = await db.selectDistinct({ nodes: clusters.nodes }).from(clusters);
    const kinds: readonly NodeKind[] = known.map((cluster) => cluster.nodes);
    return (['real', 'simulated'] as const).find((kind) => kinds.includes(kind)) ?? 'unknown';
  }

  async function add(added: NewCluster, now: Date) {
    const rows = await db
      .insert(clusters)
      .values({ ...added, createdAt: now, updatedAt: now })
      .onConflictDoNothing()
      .returning({ name: clusters.name });
    if (rows.length === 0) return undefined;
    const [cluster] = await select().where(eq(clusters.name, added.name));
    return cluster;
  }

  async function update(name: string, changes: ClusterChanges, now: Date) {
    await db
      .update(clusters)
      .set({ ...changes, updatedAt: now })
      .where(eq(clusters.name, name));
    const [cluster] = await select().where(eq(clusters.name, name));
    return cluster;
  }

  async function recordAnswer(name: string, facts: ClusterFacts, now: Date): Promise<void> {
    const { uid, ...described } = facts;
    const seen = { ...described, answered: true, lastSeenAt: now, updatedAt: now };
    await db
      .insert(clusters)
      .values({ name, uid, ...seen, createdAt: now })
      .onConflictDoUpdate({
        target: clusters.name,
        set: { ...seen, uid: sql`coalesce(${clusters.uid}, excluded.uid)` },
      });
  }

  async function uidOf(name: string): Promise<string | null> {
    const [cluster] = await db.select({ uid: clusters.uid }).from(clusters).where(eq(clusters.name, name));
    return cluster?.uid ?? null;
  }

  async function recordSilence(name: string): Promise<void> {
    await db.update(clusters).set({ answered: false }).where(eq(clusters.name, name));
  }

  return translatingConnectionErrors({
    list: async () => select().orderBy(clusters.name),
    nodes,
    add,
    update,
    uidOf,
    recordAnswer,
    recordSilence,
  });
}
