import type { Pool } from 'pg';

/**
 * Gives a tenant `count` copies of the records of a store, each created a second before the one before it. The copies have no
 * objects in the cluster.
 */
export async function seedTenant(
  database: Pool,
  { tenantId, storeId, count }: { readonly tenantId: string; readonly storeId: string; readonly count: number },
): Promise<void> {
  await database.query(
    `insert into stores select copy.* from stores s, (select n, gen_random_uuid() as new_id from generate_series(1, $3::int) n) new,
       jsonb_populate_record(s, jsonb_build_object(
         'id', new_id, 'tenant_id', $1::text, 'namespace', 'store-' || new_id, 'idempotency_key', new_id, 'name', 'Store ' || n,
         'created_at', s.created_at - make_interval(secs => n), 'updated_at', s.updated_at - make_interval(secs => n))) copy
     where s.id = $2`,
    [tenantId, storeId, count],
  );
  await database.query(
    `insert into operations select copy.* from operations o join stores s on s.tenant_id = $1 and s.id <> $2,
       jsonb_populate_record(o, jsonb_build_object(
         'id', gen_random_uuid(), 'store_id', s.id, 'tenant_id', s.tenant_id, 'workflow_id', 'store/' || s.id)) copy
     where o.store_id = $2`,
    [tenantId, storeId],
  );
  await database.query('vacuum analyze stores, operations');
}
