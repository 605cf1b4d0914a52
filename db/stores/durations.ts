import { sql } from 'drizzle-orm';
import type { Engine } from '../../domain/engines/index.ts';
import type { OperationKind, Step } from '../../domain/operations/catalogue.ts';
import type { Queries } from '../connection/open-db.ts';
import { storeEvents } from '../schema/events.ts';
import { operations } from '../schema/operations.ts';
import { stores } from '../schema/stores.ts';

/** Newest operations from which durations are computed. They bound the time of the query. */
const MAX_OPERATIONS = 100;

export interface DurationsQuery {
  readonly kind: OperationKind;
  readonly engine: Engine;
  /** Only operations of this tenant. */
  readonly tenantId: string;
}

/** How long something took in past operations. */
export interface Duration {
  readonly p50Seconds: number;
  readonly p90Seconds: number;
  /** Number of operations. */
  readonly basedOn: number;
}

export interface DurationSamples {
  /** From the start of the run to its success. Null: no operation has succeeded. */
  readonly whole: Duration | null;
  readonly steps: readonly (Duration & { readonly step: Step })[];
}

interface Row extends Record<string, unknown> {
  /** Null: the whole operation. */
  readonly step: Step | null;
  readonly p50: number;
  readonly p90: number;
  readonly count: number;
}

/**
 * Returns how long the newest operations of a kind and an engine took, and each of their steps. Only operations that
 * succeeded count. Time in an undelete window is chosen by the caller, so it is no step.
 */
export async function readDurations(db: Queries, { kind, engine, tenantId }: DurationsQuery): Promise<DurationSamples> {
  const { rows } = await db.execute<Row>(sql`
    with past as (
      select o.id, o.store_id, extract(epoch from o.ended_at - o.started_at)::float8 as seconds
      from ${operations} o join ${stores} s on s.id = o.store_id
      where o.tenant_id = ${tenantId} and o.kind = ${kind} and o.status = 'succeeded' and s.engine = ${engine}
        and o.started_at is not null and coalesce(o.undelete_window_seconds, 0) = 0
      order by o.ended_at desc limit ${MAX_OPERATIONS}
    ), taken as (
      select null as step, seconds from past
      union all
      select e.step, (e.data ->> 'durationMs')::float8 / 1000 from past
      join ${storeEvents} e on e.store_id = past.store_id and e.operation_id = past.id and e.type = 'step.completed'
    )
    select step, count(*)::int as count,
      percentile_cont(0.5) within group (order by seconds) as p50,
      percentile_cont(0.9) within group (order by seconds) as p90
    from taken where seconds is not null group by step`);
  const whole = rows.find(({ step }) => step === null);
  return {
    whole: whole === undefined ? null : durationOf(whole),
    steps: rows.flatMap((row) => (row.step === null ? [] : [{ step: row.step, ...durationOf(row) }])),
  };
}

function durationOf({ p50, p90, count }: Row): Duration {
  return { p50Seconds: tenths(p50), p90Seconds: tenths(p90), basedOn: count };
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
