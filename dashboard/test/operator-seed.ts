import { randomUUID } from 'node:crypto';
import type { BrowserTestPlatform } from './platform.ts';

/** Records of stores and operations in the past, as a platform that has run for weeks has them. No object of them is in the cluster. */

const DAYS = 20;
const STORES_A_DAY = 6;

/** Writes stores and their operations of the last weeks for the tenant of the test. */
export async function seedHistory(platform: BrowserTestPlatform): Promise<void> {
  const { tenantId } = platform;
  const prefix = randomUUID().slice(0, 8);
  await platform.query(
    `insert into stores (id, tenant_id, idempotency_key, request_hash, name, engine, cluster, status, slug, namespace, release_name, host,
       storefront_url, admin_url, chart_version, last_seq, created_at, updated_at, ready_at, deleted_at)
     select gen_random_uuid(), $1, $2 || n, 'hash', 'Shop ' || n, case when n % 3 = 0 then 'medusa' else 'woocommerce' end, 'default',
       case when n % 9 = 0 then 'failed' when n % 5 = 0 and n > 15 then 'deleted' else 'ready' end, $2 || n, $2 || n, $2 || n, 'localhost',
       'http://localhost/', 'http://localhost/admin', '0.1.0', 0, created, created, created,
       case when n % 9 <> 0 and n % 5 = 0 and n > 15 then created + interval '2 days' end
     from (select n, now() - n * interval '1 day' / $3::int as created from generate_series(1, $3::int * $4::int) n) day`,
    [tenantId, `seed-${prefix}-`, STORES_A_DAY, DAYS],
  );
  await platform.query(
    `insert into operations (id, store_id, tenant_id, cluster, kind, status, is_current, workflow_id, run_id, requested_by, correlation_id,
       failure_code, failure_message, requested_at, started_at, ended_at)
     select gen_random_uuid(), id, tenant_id, cluster, 'provision', case status when 'failed' then 'failed' else 'succeeded' end, true,
       'store/' || id, 'run', 'seed', 'seed',
       case when status = 'failed' then (array['IMAGE_PULL_FAILED', 'CRASH_LOOP', 'READY_DEADLINE_EXCEEDED'])[1 + ascii(id::text) % 3] end,
       case when status = 'failed' then 'a seeded failure' end, created_at, created_at,
       created_at + (8 + ascii(id::text) % 90) * interval '1 second'
     from stores where idempotency_key like $1 || '%'`,
    [`seed-${prefix}-`],
  );
  await platform.query(
    `insert into store_events (store_id, seq, tenant_id, type, step, status, message, data, created_at, operation_id)
     select o.store_id, step.number, o.tenant_id, 'step.completed', step.name, 'provisioning', 'Step completed',
       jsonb_build_object('durationMs', step.number * step.number * 900), o.ended_at, o.id
     from operations o join stores s on s.id = o.store_id,
       unnest(array['prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify']) with ordinality step (name, number)
     where s.idempotency_key like $1 || '%' and o.status = 'succeeded'`,
    [`seed-${prefix}-`],
  );
}

/** Writes a store whose provision is held, and returns its id. No workflow run waits for it. */
export async function seedHeld(platform: BrowserTestPlatform): Promise<string> {
  const { tenantId } = platform;
  const id = randomUUID();
  await platform.query(
    `insert into stores (id, tenant_id, idempotency_key, request_hash, name, engine, cluster, status, slug, namespace, release_name, host,
       storefront_url, admin_url, chart_version, last_seq, created_at, updated_at)
     values ($1::uuid, $2, $1::text, 'hash', 'Held shop', 'medusa', 'default', 'held', $1::text, $1::text, $1::text, 'localhost',
       'http://localhost/', 'http://localhost/admin', '0.1.0', 0, now(), now())`,
    [id, tenantId],
  );
  await platform.query(
    `insert into operations (store_id, tenant_id, cluster, kind, status, is_current, workflow_id, run_id, step, requested_by, correlation_id,
       failure_code, failure_message, failure_step, held_until, requested_at, started_at)
     values ($1::uuid, $2, 'default', 'provision', 'held', true, 'store/' || $1::text, 'run', 'await-ready', 'seed', 'seed', 'IMAGE_PULL_FAILED',
       'The image example.com/shop:9 does not exist', 'await-ready', now() + interval '1 day', now(), now())`,
    [id, tenantId],
  );
  return id;
}

/** Writes an unaccounted namespace, and returns its name. The next pass of the reconciler removes the entry. */
export async function seedUnaccounted(platform: BrowserTestPlatform): Promise<string> {
  const { tenantId } = platform;
  const storeId = randomUUID();
  const namespace = `store-lost-${storeId.slice(0, 8)}`;
  const target = { storeId, cluster: 'default', tenantId, name: 'Lost shop', engine: 'woocommerce', namespace };
  const evidence = { readySince: '2026-01-01T12:00:00.000Z', boundClaims: ['data'], readyPods: ['web-1', 'web-2'] };
  await platform.query(
    `insert into unaccounted (namespace, uid, target, evidence, first_seen, last_seen) values ($1, $2, $3, $4, now(), now())`,
    [namespace, randomUUID(), JSON.stringify(target), JSON.stringify(evidence)],
  );
  return namespace;
}
