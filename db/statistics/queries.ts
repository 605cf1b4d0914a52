import { sql, type SQL } from 'drizzle-orm';
import type { Engine } from '../../domain/engines/index.ts';
import type { FailureCode } from '../../domain/failure.ts';
import type { OperationKind, Step } from '../../domain/operations/catalogue.ts';
import type { OperationOutcome } from '../../domain/ports/statistics-records.ts';
import { READY_BOUNDS_SECONDS, type BucketedRange, type TimeBucket } from '../../domain/statistics.ts';
import type { StoreStatus } from '../../domain/store/status.ts';
import type { Queries } from '../connection/open-db.ts';
import { storeEvents } from '../schema/events.ts';
import { operations } from '../schema/operations.ts';
import { stores } from '../schema/stores.ts';
import { ofTenant } from '../stores/of-tenant.ts';

/** Newest provisions whose steps are read. They bound the number of events that the query reads. */
const MAX_PROVISIONS = 1_000;

/** Statistics of one tenant. Undefined: of all tenants. */
export type Scope = string | undefined;

interface StatusRow extends Record<string, unknown> {
  readonly status: StoreStatus;
  readonly engine: Engine;
  readonly count: number;
}

interface ChangeRow extends Record<string, unknown> {
  /** Null: stores that were created before the range and not deleted before it. */
  readonly at: number | null;
  readonly created: number;
  readonly deleted: number;
}

interface EndRow extends Record<string, unknown> {
  readonly at: number;
  readonly kind: OperationKind;
  readonly outcome: OperationOutcome;
  readonly code: FailureCode | null;
  readonly count: number;
}

export interface Percentiles extends Record<string, unknown> {
  readonly count: number;
  /** p50, p90 and p99. */
  readonly percentiles: readonly [number, number, number];
}

interface ReadyRow extends Percentiles {
  readonly engine: Engine;
  /** Number of provisions by the index of their class. */
  readonly classes: Readonly<Record<string, number>>;
}

interface StepRow extends Percentiles {
  readonly step: Step;
}

/** Counts the stores that are not deleted. */
export async function storesByStatus(db: Queries, scope: Scope): Promise<readonly StatusRow[]> {
  const { rows } = await db.execute<StatusRow>(sql`
    select status, engine, count(*)::int as count from ${stores}
    where status <> 'deleted' and ${inScope(stores, scope)} group by status, engine order by status, engine`);
  return rows;
}

/** Counts the stores that were created and deleted in each bucket, and those that existed before. */
export async function storeChanges(db: Queries, scope: Scope, range: BucketedRange): Promise<readonly ChangeRow[]> {
  const { from, to } = literals(range);
  const { rows } = await db.execute<ChangeRow>(sql`
    with seen as materialized (
      select created_at, deleted_at from ${stores}
      where created_at < ${to} and (deleted_at is null or deleted_at >= ${from}) and ${inScope(stores, scope)}
    )
    select null as at, count(*)::int as created, 0 as deleted from seen where created_at < ${from}
    union all
    select ${inMs(sql`at`)}, sum(created)::int, sum(deleted)::int from (
      select ${startOfBucket(range.bucket, sql`created_at`)} as at, 1 as created, 0 as deleted from seen where created_at >= ${from}
      union all
      select ${startOfBucket(range.bucket, sql`deleted_at`)}, 0, 1 from seen where deleted_at < ${to}
    ) change group by at`);
  return rows;
}

/** Counts the operations that ended in each bucket. */
export async function endedOperations(db: Queries, scope: Scope, range: BucketedRange): Promise<readonly EndRow[]> {
  const { rows } = await db.execute<EndRow>(sql`
    select ${inMs(sql`start`)} as at, kind, status as outcome, failure_code as code, count(*)::int as count
    from (
      select ${startOfBucket(range.bucket, sql`ended_at`)} as start, kind, status, failure_code
      from ${operations} where ${endedIn(range)} and ${inScope(operations, scope)}
    ) ended group by start, kind, status, failure_code order by start, kind, status, failure_code`);
  return rows;
}

/** Returns how long provisions that succeeded took, from the request. */
export async function timesToReady(db: Queries, scope: Scope, range: BucketedRange): Promise<readonly ReadyRow[]> {
  const bounds = sql.raw(`array[${READY_BOUNDS_SECONDS.join(', ')}]::float8[]`);
  const { rows } = await db.execute<ReadyRow>(sql`
    with taken as materialized (
      select s.engine, extract(epoch from o.ended_at - o.requested_at)::float8 as seconds
      from (
        select store_id, requested_at, ended_at from ${operations}
        where kind = 'provision' and status = 'succeeded' and ${endedIn(range)} and ${inScope(operations, scope)}
      ) o join ${stores} s on s.id = o.store_id
    ), class as (
      select engine, width_bucket(seconds, ${bounds}) as index, count(*) as count from taken group by 1, 2
    )
    select engine, ${percentiles},
      (select jsonb_object_agg(index, class.count) from class where class.engine = taken.engine) as classes
    from taken group by engine order by engine`);
  return rows;
}

/** Returns how long the steps of the newest provisions that succeeded took. */
export async function stepTimes(db: Queries, scope: Scope, range: BucketedRange): Promise<readonly StepRow[]> {
  const { rows } = await db.execute<StepRow>(sql`
    with newest as materialized (
      select id, store_id from ${operations}
      where kind = 'provision' and status = 'succeeded' and ${endedIn(range)} and ${inScope(operations, scope)}
      order by ended_at desc limit ${MAX_PROVISIONS}
    ), taken as (
      select e.step, (e.data ->> 'durationMs')::float8 / 1000 as seconds
      from newest, lateral (
        select step, data from ${storeEvents}
        where store_id = newest.store_id and operation_id = newest.id and type = 'step.completed' and data ? 'durationMs'
        -- Without it, Postgres can read the events of all stores.
        offset 0
      ) e
    )
    select step, ${percentiles} from taken group by step`);
  return rows;
}

/** One array, so that Postgres sorts the durations once. */
const percentiles = sql`count(*)::int as count,
  percentile_cont(array[0.5, 0.9, 0.99]) within group (order by seconds) as percentiles`;

/** Postgres keeps a condition on the tenant for one, and none for all. Row-level security holds in both cases. */
function inScope(table: Parameters<typeof ofTenant>[0], scope: Scope): SQL {
  return scope === undefined ? sql`true` : ofTenant(table, scope);
}

function endedIn(range: BucketedRange): SQL {
  const { from, to } = literals(range);
  return sql`ended_at >= ${from} and ended_at < ${to}`;
}

function literals({ from, to }: BucketedRange): { readonly from: SQL; readonly to: SQL } {
  return { from: sql`${from}::timestamptz`, to: sql`${to}::timestamptz` };
}

/** Returns the start of the bucket of a time. */
function startOfBucket(bucket: TimeBucket, at: SQL): SQL {
  // No parameter: Postgres would not see that the expressions of `select` and `group by` are equal.
  return sql`date_bin('1 ${sql.raw(bucket)}', ${at}, timestamptz '1970-01-01Z')`;
}

/** Returns a time in milliseconds since 1970. */
function inMs(at: SQL): SQL {
  return sql`(extract(epoch from ${at}) * 1000)::float8`;
}
