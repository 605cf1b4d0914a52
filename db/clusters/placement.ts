import { sql, type SQL } from 'drizzle-orm';
import { SEEN_WITHIN_SECONDS, type PlacementCandidate } from '../../domain/clusters.ts';
import { DEFAULT_CLUSTER } from '../../domain/names.ts';
import type { Queries } from '../connection/open-db.ts';
import { clusters } from '../schema/clusters.ts';
import { tenantClusters } from '../schema/quotas.ts';

/** Setting of a transaction: the chosen cluster. Empty when there is no record of a cluster. */
const CHOICE = 'app.cluster';
/** Value of the setting when every cluster refuses the store. It is no name of a cluster. */
const NONE = '-';

const choice = sql`current_setting('${sql.raw(CHOICE)}', true)`;

/** Condition of a query in a transaction in which every cluster has refused the store. */
export const isPlacementRefused = sql`${choice} = '${sql.raw(NONE)}'`;

/**
 * Name of the cluster that the transaction has chosen. Before the first worker has registered a cluster, it is the default one:
 * the provision of the store waits for its worker. A refused store also has this name until its transaction rolls back.
 */
export const chosenCluster: SQL<string> = sql`
  case when coalesce(${choice}, '') in ('', '${sql.raw(NONE)}') then '${sql.raw(DEFAULT_CLUSTER)}' else ${choice} end`;

/**
 * Prepares a query that returns the candidates for a new store, makes the choice of `placementOf` among them, and tells it the
 * later queries of the transaction. It needs the rights of the platform, because it counts the stores of all tenants. A store
 * that is created at the same moment is not in the count.
 *
 * Placeholders: `labels`, JSON of the wished labels, and `now`, an instant in RFC 3339.
 */
export function preparePlacement(db: Queries) {
  const { name, status, capacity, labels, answered, lastSeenAt } = clusters;
  const residents = db
    .select({
      cluster: tenantClusters.cluster,
      stores: sql<number>`sum(${tenantClusters.liveStores})::int`.as('stores'),
    })
    .from(tenantClusters)
    // Nothing is counted for one cluster without a limit.
    .where(sql`(select count(*) > 1 or bool_or(${capacity} is not null) from ${clusters})`)
    .groupBy(tenantClusters.cluster)
    .as('residents');
  const seenAfter = sql`${sql.placeholder('now')}::timestamptz - make_interval(secs => ${sql.raw(String(SEEN_WITHIN_SECONDS))})`;
  const candidates = db.$with('candidates').as(
    db
      .select({
        name,
        status,
        capacity,
        labels,
        residentStores: sql<number>`coalesce(${residents.stores}, 0)`.as('resident_stores'),
        isReachable: sql<boolean>`coalesce(${answered} and ${lastSeenAt} >= ${seenAfter}, false)`.as('is_reachable'),
      })
      .from(clusters)
      .leftJoin(residents, sql`${residents.cluster} = ${name}`),
  );
  const free = sql`${candidates.capacity} - ${candidates.residentStores}`;
  const best = db
    .select({ name: candidates.name })
    .from(candidates)
    .where(
      sql`${candidates.status} = 'ready' and ${candidates.labels} @> ${sql.placeholder('labels')}::jsonb
        and coalesce(${free} > 0, true)`,
    )
    .orderBy(
      sql`${candidates.isReachable} desc, ${free} desc nulls first, ${candidates.residentStores},
        ${candidates.name} collate "C"`,
    )
    .limit(1);
  return db
    .with(candidates)
    .select({
      name: candidates.name,
      status: candidates.status,
      capacity: candidates.capacity,
      labels: candidates.labels,
      residentStores: candidates.residentStores,
      isReachable: candidates.isReachable,
      chosen: sql<string>`set_config('${sql.raw(CHOICE)}', coalesce((${best}), '${sql.raw(NONE)}'), true)`,
    } satisfies Record<keyof PlacementCandidate | 'chosen', unknown>)
    .from(candidates)
    .prepare('placement');
}
