import type { ClientBase, Pool } from 'pg';

export interface StoreCopies {
  readonly storeId: string;
  readonly count: number;
  /** Default: the tenant of the store. */
  readonly tenantId?: string;
  /** Columns of all copies, such as a status. */
  readonly store?: Readonly<Record<string, unknown>>;
  readonly operation?: Readonly<Record<string, unknown>>;
}

/**
 * Copies the records of a store: its row and its operations, with new ids and the names `Store 1`, `Store 2` …, each created a
 * second before the one before it. The copies have no objects in the cluster. The connection must have no statement timeout: the
 * platform itself never writes that many rows in one statement.
 */
export async function copyStores(
  database: Pool | ClientBase,
  { storeId, count, tenantId, store = {}, operation = {} }: StoreCopies,
): Promise<void> {
  await database.query(
    `with copies as (
       insert into stores select copy.* from stores s,
         (select n, gen_random_uuid() as id from generate_series(1, $2::int) n) new,
         jsonb_populate_record(s, jsonb_build_object(
           'id', new.id, 'tenant_id', coalesce($3, s.tenant_id), 'namespace', 'store-' || new.id, 'idempotency_key', new.id,
           'name', 'Store ' || n, 'slug', 'store-' || n,
           'created_at', s.created_at - make_interval(secs => n), 'updated_at', s.updated_at - make_interval(secs => n)
         ) || $4::jsonb) copy
       where s.id = $1
       returning id, tenant_id)
     insert into operations select copy.* from operations o, copies,
       jsonb_populate_record(o, jsonb_build_object(
         'id', gen_random_uuid(), 'store_id', copies.id, 'tenant_id', copies.tenant_id, 'workflow_id', 'store/' || copies.id
       ) || $5::jsonb) copy
     where o.store_id = $1`,
    [storeId, count, tenantId ?? null, JSON.stringify(store), JSON.stringify(operation)],
  );
  await database.query('vacuum analyze stores, operations');
}
