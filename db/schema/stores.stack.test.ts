import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { drizzle } from 'drizzle-orm/node-postgres';
import { ENGINES } from '../../domain/engines/index.ts';
import { FAILURE_CODES } from '../../domain/failure.ts';
import { STORE_STATUSES } from '../../domain/store/status.ts';
import { EVENT_TYPES } from '../../domain/store/store.ts';
import { later, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { TenantAccess } from '../connection/database.ts';
import * as schema from './index.ts';
import { createStores, type Stores } from '../index.ts';
import { OPERATION_KINDS, OPERATION_STATUSES, STEPS } from '../../domain/operations/catalogue.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords();
});
afterAll(() => records.drop());

test.each<[string, readonly string[]]>([
  ['stores_status', STORE_STATUSES],
  ['stores_engine', ENGINES],
  ['operations_kind', OPERATION_KINDS],
  ['operations_status', OPERATION_STATUSES],
  ['operations_step', STEPS],
  ['operations_failure_code', FAILURE_CODES],
  ['store_events_type', EVENT_TYPES],
  ['store_events_status', STORE_STATUSES],
  ['store_events_step', STEPS],
])('allows exactly the values of the domain in the constraint %s', async (name, values) => {
  const { rows } = await records.pool.query<{ definition: string }>(
    'select pg_get_constraintdef(oid) as definition from pg_constraint where conname = $1',
    [name],
  );
  const allowed = [...(rows[0]?.definition ?? '').matchAll(/'([^']+)'/g)].map((match) => match[1]);
  // After a difference, run `npm run migrations`.
  expect(allowed).toEqual(values);
});

test.each([
  [`status = 'unknown'`, 'stores_status'],
  [`status = 'ready'`, 'stores_ready_since'],
  [`status = 'deleted'`, 'stores_deleted_since'],
  [`idempotency_key = ''`, 'stores_idempotency_key_length'],
])('rejects a store with %s by the constraint %s', async (set, constraint) => {
  const { id } = await records.request();
  await expect(records.pool.query(`update stores set ${set} where id = $1`, [id])).rejects.toMatchObject({
    constraint,
  });
});

test.each([
  [`status = 'failed', ended_at = now()`, 'operations_failed_says_why'],
  [`status = 'succeeded'`, 'operations_ended_at'],
  [`status = 'queued'`, 'operations_queued_since'],
  [`held_until = now()`, 'operations_held_until'],
  [`slot_granted_at = now()`, 'operations_slot_granted_at'],
  [`undelete_window_seconds = 0`, 'operations_delete_plan'],
  [`volume_policy = '"keep"'`, 'operations_volume_policy'],
  [`undelete_until = now()`, 'operations_undelete_until'],
  [`undelete_requested_at = now()`, 'operations_undelete_requested_at'],
])('rejects an operation with %s by the constraint %s', async (set, constraint) => {
  const { id } = await records.request();
  await expect(records.pool.query(`update operations set ${set} where store_id = $1`, [id])).rejects.toMatchObject({
    constraint,
  });
});

test.each([
  [`true, null`, 'operations_current'],
  [`false, null`, 'operations_pending'],
])(
  'rejects a second operation of a store with is_current, run_id = %s by the constraint %s',
  async (values, constraint) => {
    const { id } = await records.request();
    const insert = `insert into operations (store_id, tenant_id, cluster, kind, status, workflow_id, requested_by, correlation_id,
      requested_at, is_current, run_id)
    select id, tenant_id, cluster, 'provision', 'requested', 'w', 'tenant', 'c', now(), ${values} from stores where id = $1`;
    await expect(records.pool.query(insert, [id])).rejects.toMatchObject({ constraint });
  },
);

test.each([
  [`tenant_quotas values ('broken', -1, now())`, 'tenant_quotas_live_stores'],
  [`tenant_clusters values ('broken', 'default', -1, 0)`, 'tenant_clusters_live_stores'],
  [`tenant_clusters values ('broken', 'default', 0, -1)`, 'tenant_clusters_running_operations'],
])('rejects the negative count in %s by the constraint %s', async (row, constraint) => {
  const insert = `insert into ${row}`;
  await expect(records.pool.query(insert)).rejects.toMatchObject({ constraint });
});

const STORE_ID = '8b6d4f0e-6c3b-5d0a-9c41-2f3a1f1f7f10';

interface Sent {
  readonly text: string;
  readonly values: unknown[];
  /** Undefined: the statement sees the rows of all tenants. */
  readonly tenant: string | undefined;
}

/** Returns the query plans of all statements that a call sends, with the policies of row-level security. */
async function plansOf(call: (stores: Stores) => Promise<unknown>): Promise<string> {
  const sent: Sent[] = [];
  let tenant: string | undefined;
  const logger = { logQuery: (text: string, values: unknown[]) => void sent.push({ text, values, tenant }) };
  const queries = drizzle(records.pool, { schema, logger });
  const asTenant: TenantAccess = {
    query: (id, work) => {
      tenant = id;
      return work(queries);
    },
    queryAfter: async (id, first, work) => {
      tenant = undefined;
      await first(queries);
      tenant = id;
      return work(queries);
    },
    transaction: (id, work) => {
      tenant = id;
      return queries.transaction(work);
    },
  };
  await call(createStores(Object.assign(queries, { asTenant })));
  const plans = await Promise.all(sent.map(planOf));
  return plans.flat().join('\n');
}

async function planOf({ text, values, tenant }: Sent): Promise<string[]> {
  const client = await records.pool.connect();
  try {
    await client.query('begin');
    if (tenant !== undefined) await client.query(`set local role sp_app; set local app.tenant = '${tenant}'`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
    return rows.map((row) => row['QUERY PLAN']);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('with 10,000 stores', () => {
  beforeAll(async () => {
    const { id } = await records.request({ now: later(0) });
    // Copies of one row, with changes only where rows must differ. Every tenth store is deleted.
    await records.writeMany(
      `insert into stores
       select copy.* from stores s, generate_series(1, 10000) n, jsonb_populate_record(s, jsonb_build_object(
         'id', gen_random_uuid(), 'tenant_id', 'tenant-' || n % 20, 'idempotency_key', n, 'namespace', 'store-' || n,
         'engine', case n % 3 when 0 then 'medusa' else 'woocommerce' end,
         'status', case n / 20 % 10 when 0 then 'deleted' else 'requested' end,
         'deleted_at', case n / 20 % 10 when 0 then now() end,
         'created_at', now() - n * interval '1 second')) copy
       where s.id = $1`,
      [id],
    );
    // Each store has one operation that a run has taken up. One operation of a thousand waits for its run.
    await records.writeMany(
      `insert into operations (store_id, tenant_id, cluster, kind, status, is_current, workflow_id, run_id, requested_by,
         correlation_id, requested_at)
       select id, tenant_id, cluster, 'provision', 'running', true, 'store/' || id,
         case when right(idempotency_key, 3) = '000' then null else 'run' end, 'tenant', 'c', created_at
       from stores s where not exists (select from operations o where o.store_id = s.id)`,
    );
    await records.pool.query('analyze stores');
    await records.pool.query('analyze operations');
  });

  test.each([
    [{}, 'stores_list'],
    [{ engine: 'medusa' }, 'stores_list_engine'],
    [{ statuses: ['deleted'] }, 'stores_list_status'],
    [{ statuses: ['requested'], engine: 'medusa' }, 'stores_list'],
    [{ statuses: ['requested', 'ready'] }, 'stores_list'],
    [{ sort: 'createdAt' }, 'stores_list'],
    [{ sort: 'name' }, 'stores_list_name'],
    [{ sort: '-name' }, 'stores_list_name'],
    [{ cursor: { sort: '-createdAt', key: '2026-01-01T00:00:00.000Z', storeId: STORE_ID } }, 'stores_list'],
    [{ cursor: { sort: 'name', key: 'Acme', storeId: STORE_ID } }, 'stores_list_name'],
  ] as const)(
    'lists the stores of a tenant with filter %j in the order of an index, without a scan or a sort',
    async (filter, index) => {
      const plans = await plansOf((stores) => stores.list({ tenantId: 'tenant-7', limit: 20, ...filter }));
      expect(plans).toContain(index);
      expect(plans).not.toMatch(/Seq Scan on stores|Sort/);
    },
  );

  test('lists operations that no run has taken up by their partial index', async () => {
    const plans = await plansOf((stores) => stores.listUnstarted({ olderThan: later(1), limit: 100 }));
    expect(plans).toContain('operations_pending');
    expect(plans).not.toContain('Seq Scan');
  });
});
