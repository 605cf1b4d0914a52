import { sql } from 'drizzle-orm';
import type { Engine } from '../../domain/engines/index.ts';
import type { StoreCondition } from '../../domain/store/conditions.ts';
import type { Queries } from '../connection/open-db.ts';
import { storeEvents } from '../schema/events.ts';
import { operations } from '../schema/operations.ts';
import { stores } from '../schema/stores.ts';

/** Facts about an operation besides its record. */
export interface OperationProgress {
  readonly engine: Engine;
  /** Conditions of the store. */
  readonly conditions: readonly StoreCondition[];
  /** Place among the operations of the tenant that wait for a slot; 1 is the next one. Null: it does not wait for one. */
  readonly queue: { readonly position: number; readonly length: number } | null;
  /** Whether the operation waits until another operation of the store has ended. */
  readonly waitsForOperation: boolean;
  /** When the current step began last. */
  readonly stepStartedAt: Date | null;
}

interface Row extends Record<string, unknown> {
  readonly engine: Engine;
  readonly conditions: readonly StoreCondition[];
  readonly position: number | null;
  readonly length: number | null;
  readonly waits: boolean;
  readonly step_started_ms: number | null;
}

/** Returns the progress of an operation, or undefined for an operation of another tenant. */
export async function readProgress(
  db: Queries,
  { tenantId, operationId }: { readonly tenantId: string; readonly operationId: string },
): Promise<OperationProgress | undefined> {
  const { rows } = await db.execute<Row>(sql`
    select s.engine, s.conditions,
      case when o.queued_since is not null then (
        select count(*)::int from ${operations} q
        where q.tenant_id = o.tenant_id and q.queued_since is not null and (q.queued_since, q.id) <= (o.queued_since, o.id)
      ) end as position,
      case when o.queued_since is not null then (
        select count(*)::int from ${operations} q where q.tenant_id = o.tenant_id and q.queued_since is not null
      ) end as length,
      o.run_id is null and o.ended_at is null and exists (
        select from ${operations} r where r.store_id = o.store_id and r.run_id is not null and r.ended_at is null
      ) as waits,
      (
        select (extract(epoch from max(e.created_at)) * 1000)::float8 from ${storeEvents} e
        where e.store_id = o.store_id and e.operation_id = o.id and e.type = 'step.started' and e.step = o.step
      ) as step_started_ms
    from ${operations} o join ${stores} s on s.id = o.store_id
    where o.id = ${operationId} and o.tenant_id = ${tenantId}`);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { engine, conditions, position, length, waits, step_started_ms: stepStartedMs } = row;
  return {
    engine,
    conditions,
    queue: position === null || length === null ? null : { position, length },
    waitsForOperation: waits,
    stepStartedAt: stepStartedMs === null ? null : new Date(stepStartedMs),
  };
}
