import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { count, eq, sql } from 'drizzle-orm';
import { createInput, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { openDb, type Queries } from '../connection/open-db.ts';
import { createStores } from '../index.ts';
import { operations } from '../schema/operations.ts';
import { tenantQuotas } from '../schema/quotas.ts';
import { stores } from '../schema/stores.ts';
import { tenants } from '../schema/tenants.ts';

let records: TestRecords;
let tenantTables: readonly string[];

beforeAll(async () => {
  records = await openTestRecords();
  tenantTables = await names(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'tenant_id'`,
  );
  await records.request({ tenantId: 'a' });
  await records.request({ tenantId: 'b' });
});
afterAll(() => records.drop());

async function names(query: string): Promise<string[]> {
  const { rows } = await records.pool.query<{ name: string }>(query);
  return rows.map(({ name }) => name).toSorted();
}

/** Runs one statement as the role of tenants, with the given setting of the tenant, and returns its rows. */
async function asAppRole(statement: string, tenant?: string): Promise<unknown[]> {
  const client = await records.pool.connect();
  try {
    await client.query('begin; set local role sp_app');
    if (tenant !== undefined) await client.query(`set local app.tenant = '${tenant}'`);
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** Returns the SQLSTATE with which Postgres rejects a query, or `accepted`. */
async function sqlStateOf(query: Promise<unknown>): Promise<unknown> {
  try {
    await query;
    return 'accepted';
  } catch (error) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) if ('code' in cause) return cause.code;
    throw error;
  }
}

describe('the catalogue', () => {
  test('every table with a tenant forces row-level security, with one policy for tenants and one for the platform', async () => {
    const secured = await names(
      `select relname as name from pg_class c where relrowsecurity and relforcerowsecurity
         and exists (select from pg_policy where polrelid = c.oid and polroles = array['sp_app'::regrole::oid])
         and exists (select from pg_policy where polrelid = c.oid and polroles = array['sp_platform'::regrole::oid])`,
    );
    expect(secured).toEqual([...tenantTables, 'tenants'].toSorted());
    const policies = await names('select distinct roles::text as name from pg_policies');
    expect(policies).toEqual(['{sp_app}', '{sp_platform}']);
  });

  test('the role of tenants reaches no table that belongs to the platform', async () => {
    const reachable = await names(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
         and has_table_privilege('sp_app', oid, 'select, insert, update, delete, truncate, references, trigger')`,
    );
    expect(reachable).toEqual([...tenantTables, 'tenants'].toSorted());
  });

  test('the role of tenants owns nothing, cannot log in, bypasses no policy and is a member of no other role', async () => {
    const { rows } = await records.pool.query(
      `select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
         exists (select from pg_class where relowner = r.oid) as owns,
         exists (select from pg_auth_members where member = r.oid) as "isMember"
       from pg_roles r where rolname = 'sp_app'`,
    );
    expect(rows).toEqual([
      {
        rolcanlogin: false,
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        owns: false,
        isMember: false,
      },
    ]);
  });

  test('the role of tenants may insert and read the audit log, and nothing else, and only the owner may change a row', async () => {
    const { rows } = await records.pool.query(
      `select role, array_agg(privilege order by privilege) as privileges
       from unnest(array['sp_app', 'sp_platform']) role,
         unnest(array['select', 'insert', 'update', 'delete', 'truncate']) privilege
       where has_table_privilege(role, 'audit_log', privilege) group by role order by role`,
    );
    expect(rows).toEqual([
      { role: 'sp_app', privileges: ['insert', 'select'] },
      { role: 'sp_platform', privileges: ['delete', 'insert', 'select'] },
    ]);
  });
});

describe('a transaction of the role of tenants', () => {
  test('sees no row of any table without a tenant', async () => {
    for (const table of [...tenantTables, 'tenants']) {
      expect(await asAppRole(`select count(*)::int from ${table}`)).toEqual([{ count: 0 }]);
      expect(await asAppRole(`select count(*)::int from ${table}`, '')).toEqual([{ count: 0 }]);
    }
  });

  test.each(['stores', 'operations', 'store_events', 'tenant_quotas'])(
    'sees only its own rows of %s',
    async (table) => {
      expect(await asAppRole(`select distinct tenant_id as tenant from ${table}`, 'a')).toEqual([{ tenant: 'a' }]);
      expect(await asAppRole(`select distinct tenant_id as tenant from ${table}`, 'b')).toEqual([{ tenant: 'b' }]);
    },
  );

  test('cannot write a row of another tenant, or give one away', async () => {
    const { asTenant } = records.db;
    const row = { tenantId: 'b', liveStores: 0, updatedAt: new Date() };
    expect(await sqlStateOf(asTenant.query('a', (own) => own.insert(tenantQuotas).values(row)))).toBe('42501');
    expect(await sqlStateOf(asTenant.query('a', (own) => own.update(stores).set({ tenantId: 'b' })))).toBe('42501');
    expect(await sqlStateOf(asTenant.transaction('a', (tx) => tx.update(operations).set({ tenantId: 'b' })))).toBe(
      '42501',
    );
  });

  test('changes no row of another tenant', async () => {
    await records.db.asTenant.query('a', (own) => own.update(stores).set({ name: 'mine' }));
    const named = await records.db.select({ tenantId: stores.tenantId, name: stores.name }).from(stores);
    expect(new Set(named.map(({ tenantId, name }) => `${tenantId} ${name}`))).toEqual(
      new Set(['a mine', 'b Acme Shoes']),
    );
  });

  test('cannot change its own limits', async () => {
    await records.db.insert(tenants).values({ id: 'a', name: 'A', createdAt: new Date(), updatedAt: new Date() });
    const change = records.db.asTenant.query('a', (own) => own.update(tenants).set({ maxStores: 1_000 }));
    expect(await sqlStateOf(change)).toBe('42501');
  });

  test('cannot change or delete the audit log', async () => {
    expect(await sqlStateOf(asAppRole(`update audit_log set actor = 'x'`, 'a'))).toBe('42501');
    expect(await sqlStateOf(asAppRole('delete from audit_log', 'a'))).toBe('42501');
    expect(await sqlStateOf(asAppRole('truncate audit_log', 'a'))).toBe('42501');
  });
});

describe('a pool of one connection', () => {
  test('serves two tenants and the platform in turn, and none inherits the tenant of another', async () => {
    const pool = openDb({
      databaseUrl: records.databaseUrl,
      poolSize: 1,
      applicationName: 'one connection',
      log: { warn: () => undefined },
    });
    const { db } = pool;
    const visible = async (tenant: string) =>
      db.asTenant.query(tenant, async (own) =>
        (await own.select({ tenant: stores.tenantId }).from(stores)).map((row) => row.tenant),
      );
    try {
      for (let round = 0; round < 3; round += 1) {
        expect(await visible('a')).toEqual(['a']);
        expect(await visible('b')).toEqual(['b']);
        const [all] = await db.select({ stores: count() }).from(stores);
        expect(all).toEqual({ stores: 2 });
        const failed = db.asTenant.transaction('b', async (tx) => {
          await tx.update(stores).set({ name: 'undone' });
          throw new Error('undo');
        });
        await expect(failed).rejects.toThrow('undo');
        expect(await visible("x' or '1'='1")).toEqual([]);
        const seen: unknown[] = [];
        const readAll = async (queries: Queries) =>
          void seen.push(...(await queries.select({ stores: count() }).from(stores)));
        const own = await db.asTenant.queryAfter('a', readAll, (queries) =>
          queries.select({ tenant: stores.tenantId }).from(stores),
        );
        expect([seen, own]).toEqual([[{ stores: 2 }], [{ tenant: 'a' }]]);
        const rejected = db.asTenant.queryAfter(
          'a',
          (queries) => queries.update(stores).set({ name: 'undone' }),
          (queries) => queries.update(stores).set({ tenantId: 'b' }),
        );
        expect(await sqlStateOf(rejected)).toBe('42501');
        const third = db.asTenant.queryAfter('a', readAll, async (queries) => {
          await queries.select({ tenant: stores.tenantId }).from(stores);
          return queries.select({ tenant: stores.tenantId }).from(stores);
        });
        await expect(third).rejects.toMatchObject({ cause: { message: 'queryAfter sends two queries' } });
        const unsent = db.asTenant.queryAfter('a', async () => undefined, readAll);
        await expect(unsent).rejects.toThrow('sent no query');
      }
      const [own] = await db.select({ name: stores.name }).from(stores).where(eq(stores.tenantId, 'b'));
      expect(own).toEqual({ name: 'Acme Shoes' });
    } finally {
      await pool.close();
    }
  });

  test('keeps its connection after a query of a tenant that Postgres rejects', async () => {
    const pool = openDb({
      databaseUrl: records.databaseUrl,
      poolSize: 1,
      applicationName: 'kept',
      log: { warn: () => undefined },
    });
    const backend = async () => (await pool.db.execute(sql`select pg_backend_pid() as pid`)).rows;
    try {
      const before = await backend();
      const full = await createStores(pool.db).create(createInput({ tenantId: 'a', maxStores: 1 }));
      expect(full).toMatchObject({ kind: 'quotaExceeded' });
      expect(await backend()).toEqual(before);
    } finally {
      await pool.close();
    }
  });
});

test('a store of another tenant with the same id, key or namespace is not found and not changed', async () => {
  const theirs = await records.request({ tenantId: 'b', idempotencyKey: 'shared', id: randomUUID() });
  const ours = createInput({ tenantId: 'a', idempotencyKey: 'shared', id: theirs.id });
  expect(await records.stores.create({ ...ours, namespace: theirs.namespace })).toMatchObject({
    kind: 'namespaceTaken',
  });
  expect(await records.stores.get({ tenantId: 'a', storeId: theirs.id })).toBeUndefined();
  expect(await records.read(theirs)).toEqual(theirs);
});
