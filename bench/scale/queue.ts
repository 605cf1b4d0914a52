import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { openDb } from '../../db/connection/open-db.ts';
import { createStores } from '../../db/index.ts';
import type { ActivityInput, StoreTarget } from '../../domain/operations/inputs.ts';
import { DEFAULT_CLUSTER, workflowIdOf } from '../../domain/names.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { percentile, timed } from '../statistics.ts';

const TENANT = 'waiting-tenant';
const MAX_RUNNING = 10;
const ASKS = 300;

/** Time of one request for a tenant slot, in milliseconds. */
export interface QueueResult {
  readonly waiting: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Measures how long a queued operation takes to ask for its tenant slot, with few and with many operations in the queue. All
 * slots are taken, so every answer is "wait".
 */
export async function measureQueue(
  { databaseUrl, records, storeId }: { readonly databaseUrl: string; readonly records: Pool; readonly storeId: string },
  sizes: readonly number[],
): Promise<readonly QueueResult[]> {
  const log = createLogger({ service: 'worker', level: 'silent' });
  const opened = openDb({ databaseUrl, poolSize: 2, applicationName: 'bench', log });
  try {
    const stores = createStores(opened.db);
    await records.query(
      `with quota as (insert into tenant_quotas (tenant_id, live_stores, updated_at) values ($1, $2, now()))
       insert into tenant_clusters (tenant_id, cluster, live_stores, running_operations) values ($1, $4, $2, $3)`,
      [TENANT, Math.max(...sizes), MAX_RUNNING, DEFAULT_CLUSTER],
    );
    const ask = (input: ActivityInput) => stores.acquireTenantSlot(input, new Date(), { maxRunning: MAX_RUNNING });
    const results: QueueResult[] = [];
    let waiting = 0;
    for (const size of sizes) {
      await addWaiting(records, storeId, size - waiting);
      waiting = size;
      const inputs = spread(await readWaiting(records), ASKS);
      // A worker asks for its whole life, so the first round, which compiles the code, is not counted.
      for (const input of inputs) await ask(input);
      const times: number[] = [];
      for (const input of inputs) times.push(await timed(() => ask(input)));
      results.push({ waiting, p50Ms: percentile(times, 50), p99Ms: percentile(times, 99) });
    }
    return results;
  } finally {
    await removeWaiting(records);
    await opened.close();
  }
}

/** Returns `count` items from all parts of the list; some twice if the list is shorter. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  return Array.from({ length: count }, (_, index) => items[Math.floor((index / count) * items.length)]).filter(
    (item) => item !== undefined,
  );
}

async function addWaiting(records: Pool, storeId: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await records.query(
    `insert into stores select copy.* from stores s, unnest($2::text[]) as waiting(id), jsonb_populate_record(s,
      jsonb_build_object('id', waiting.id, 'idempotency_key', waiting.id, 'namespace', 'waiting-' || waiting.id,
        'tenant_id', $3::text, 'status', 'provisioning', 'ready_at', null, 'last_seq', 1)) copy where s.id = $1`,
    [storeId, ids, TENANT],
  );
  await records.query(
    `insert into operations select copy.* from operations o, unnest($2::text[]) as waiting(id), jsonb_populate_record(o,
      jsonb_build_object('id', gen_random_uuid(), 'store_id', waiting.id, 'tenant_id', $3::text, 'status', 'queued',
        'queued_since', now(), 'run_id', waiting.id, 'workflow_id', 'store/' || waiting.id, 'ended_at', null)) copy where o.store_id = $1`,
    [storeId, ids, TENANT],
  );
  await records.query('analyze stores');
  await records.query('analyze operations');
}

async function removeWaiting(records: Pool): Promise<void> {
  await records.query('delete from store_events where store_id in (select id from stores where tenant_id = $1)', [
    TENANT,
  ]);
  for (const table of ['operations', 'stores', 'tenant_quotas', 'tenant_clusters']) {
    await records.query(`delete from ${table} where tenant_id = $1`, [TENANT]);
  }
}

async function readWaiting(records: Pool) {
  const { rows } = await records.query<{ id: string; target: StoreTarget }>(
    `select id, jsonb_build_object('storeId', id, 'cluster', cluster, 'tenantId', tenant_id, 'name', name, 'engine', engine,
      'namespace', namespace, 'releaseName', release_name, 'host', host) as target
      from stores where tenant_id = $1 order by id`,
    [TENANT],
  );
  return rows.map(({ id, target }) => ({
    store: target,
    run: { kind: 'provision' as const, workflowId: workflowIdOf(id), runId: id, correlationId: 'bench' },
  }));
}
