import { sql } from 'drizzle-orm';
import { SEEN_WITHIN_SECONDS } from '../../domain/clusters.ts';
import { type FleetRecords, type FleetReport, VERIFIED_WITHIN_SECONDS } from '../../domain/ports/fleet-records.ts';
import { singleFlight } from '../../domain/single-flight.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database, Queries } from '../connection/open-db.ts';
import { clusters } from '../schema/clusters.ts';
import { fleetReports } from '../schema/fleet-reports.ts';
import { isPending, isRunning, operations } from '../schema/operations.ts';
import { orphans } from '../schema/orphans.ts';
import { passPositions } from '../schema/pass-positions.ts';
import { tenantClusters } from '../schema/quotas.ts';
import { removals } from '../schema/removals.ts';
import { isReady, stores } from '../schema/stores.ts';
import { unaccounted } from '../schema/unaccounted.ts';
import { webhookDeliveries, webhookEndpoints } from '../schema/webhooks.ts';

/** Processes are scraped every 10 to 60 s, and a report of 10,000 stores takes about 50 ms. */
const MAX_AGE_SECONDS = 10;

/** Creates the reader of the state of all stores on a database. */
export function createFleetRecords(db: Database): FleetRecords {
  const reading = singleFlight<FleetReport>();

  /** Postgres holds the report, so of all processes that ask at once, one creates it and the others wait for it. */
  async function readOrCreate(): Promise<FleetReport> {
    const kept = await readKept(db);
    if (kept !== undefined) return kept;
    return db.transaction(async (tx) => {
      // Waits for the process that is creating the next report. Only the very first one has no row to wait for.
      await tx.select({ takenAt: fleetReports.takenAt }).from(fleetReports).for('update');
      const created = await readKept(tx);
      if (created !== undefined) return created;
      const report = await createReport(tx);
      const set = { takenAt: new Date(report.takenAtMs), report };
      await tx.insert(fleetReports).values(set).onConflictDoUpdate({ target: fleetReports.singleton, set });
      return report;
    });
  }

  return translatingConnectionErrors({ read: () => reading('read', readOrCreate).result });
}

async function readKept(db: Queries): Promise<FleetReport | undefined> {
  const [row] = await db
    .select({ report: fleetReports.report })
    .from(fleetReports)
    .where(sql`${fleetReports.takenAt} > clock_timestamp() - make_interval(secs => ${MAX_AGE_SECONDS})`);
  return row?.report;
}

/** Returns the rows of a query as a JSON array; an empty one without rows. */
function listOf(query: ReturnType<typeof sql>) {
  return sql`(select coalesce(json_agg(item), '[]') from (${query}) item)`;
}

const AGE = (column: unknown) => sql`extract(epoch from clock_timestamp() - ${column})::float8`;

/** Reads everything with one statement: one round trip, and one state of the tables. */
async function createReport(db: Queries): Promise<FleetReport> {
  const storesByStatus = sql`
    select engine, status, count(*)::int as count from ${stores} where ${stores.status} <> 'deleted' group by 1, 2`;
  // Two queries, because each of them has a partial index.
  const open = sql`
    select kind, status, step, requested_at from ${operations} where ${isRunning(operations)}
    union all select kind, status, step, requested_at from ${operations} where ${isPending(operations)}`;
  const openOperations = sql`
    select kind, status, step, count(*)::int as count, ${AGE(sql`min(requested_at)`)} as "oldestSeconds"
    from (${open}) open group by 1, 2, 3`;
  const conditions = sql`
    select condition ->> 'type' as type, count(*)::int as count
    from ${stores}, jsonb_array_elements(${stores.conditions}) condition
    where ${stores.status} <> 'deleted' and condition ->> 'status' = 'True' group by 1`;
  const drifted = sql`
    select exists (
      select from jsonb_array_elements(drift_objects) object where object ->> 'needsPerson' is not null
    ) as "needsOperator", count(*)::int as count
    from ${stores} where ${isReady(stores)} and drift_since is not null group by 1`;
  const verifiedAt = sql`coalesce(last_verified_at, ready_at)`;
  const serving = sql`
    select engine, count(*)::int as count,
      count(*) filter (where ${AGE(verifiedAt)} < ${VERIFIED_WITHIN_SECONDS})::int as verified,
      count(*) filter (where degraded_since is not null)::int as degraded,
      ${AGE(sql`min(${verifiedAt})`)} as "oldestSeconds"
    from ${stores} where ${isReady(stores)} and nodes <> 'simulated' and delete_requested_at is null group by 1`;
  const orphansByKind = sql`
    select cluster, kind, coalesce(removable_after <= clock_timestamp(), false) as "isDue", count(*)::int as count
    from ${orphans} group by 1, 2, 3`;
  const unaccountedByDecision = sql`
    select decision, count(*)::int as count from ${unaccounted} where adopted_at is null group by 1`;
  const passes = sql`
    select cluster, pass, extract(epoch from completed_at)::float8 as "completedAtSeconds"
    from ${passPositions} where completed_at is not null`;
  const clusterStates = sql`
    select name as cluster,
      coalesce(answered and ${AGE(clusters.lastSeenAt)} <= ${SEEN_WITHIN_SECONDS}, false) as "isReachable",
      (select coalesce(sum(live_stores), 0)::int from ${tenantClusters} where cluster = name) as stores
    from ${clusters}`;
  const webhooks = sql`
    select status, disabled_reason as reason, count(*)::int as count
    from ${webhookEndpoints} where deleted_at is null group by 1, 2`;
  const deliveries = sql`
    select state, count(*)::int as count, ${AGE(sql`min(created_at)`)} as "oldestSeconds"
    from ${webhookDeliveries} where ended_at is null group by 1`;
  const { rows } = await db.execute<{ readonly report: FleetReport }>(sql`
    select json_build_object(
      'takenAtMs', floor(extract(epoch from clock_timestamp()) * 1000),
      'stores', ${listOf(storesByStatus)},
      'operations', ${listOf(openOperations)},
      'conditions', ${listOf(conditions)},
      'drifted', ${listOf(drifted)},
      'serving', ${listOf(serving)},
      'orphans', ${listOf(orphansByKind)},
      'unaccounted', ${listOf(unaccountedByDecision)},
      'areRemovalsPaused', exists (
        select from ${removals} where paused_since is not null
      ),
      'passes', ${listOf(passes)},
      'clusters', ${listOf(clusterStates)},
      'webhooks', ${listOf(webhooks)},
      'deliveries', ${listOf(deliveries)}
    ) as report`);
  const [row] = rows;
  if (row === undefined) throw new Error('the report about all stores has no row');
  return row.report;
}
