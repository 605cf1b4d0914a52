import type { Pool } from 'pg';

/**
 * Copies a ready store `count` times in the records: its row and its operations, with new ids, and no objects in the cluster. The
 * pool must have no statement timeout: the platform itself never writes that many rows in one statement.
 */
export async function multiplyStores(
  pool: Pool,
  { storeId, count }: { readonly storeId: string; readonly count: number },
): Promise<void> {
  await pool.query(
    `insert into stores select copy.* from stores s, generate_series(1, $2::int) n,
      jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'idempotency_key', 'key-' || n,
        'namespace', 'store-copy-' || n)) copy where s.id = $1`,
    [storeId, count],
  );
  await pool.query(
    `insert into operations select copy.* from operations o, stores s, jsonb_populate_record(o, jsonb_build_object(
        'id', gen_random_uuid(), 'store_id', s.id)) copy
      where o.store_id = $1 and s.namespace like 'store-copy-%'`,
    [storeId],
  );
  await pool.query('analyze stores');
  await pool.query('analyze operations');
}
