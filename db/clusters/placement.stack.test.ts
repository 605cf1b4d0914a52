import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  array,
  asyncProperty,
  boolean,
  assert as assertProperty,
  constantFrom,
  dictionary,
  nat,
  option,
  record,
  uniqueArray,
} from 'fast-check';
import { CLUSTER_STATUSES, placementOf, type PlacementCandidate, type PlacementWish } from '../../domain/clusters.ts';
import { OUTCOMES } from '../../test/factories/outcomes.ts';
import { createInput, later, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { createAdminRecords } from '../admin/admin-records.ts';
import type { CreateStoreResult } from '../index.ts';

const ANY: PlacementWish = { labels: {} };

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords();
});
beforeEach(() =>
  records.pool.query('truncate clusters, stores, operations, store_events, tenant_quotas, tenant_clusters'),
);
afterAll(() => records.drop());

function cluster(name: string, seed: Partial<PlacementCandidate> = {}): PlacementCandidate {
  return { name, status: 'ready', capacity: null, residentStores: 0, labels: {}, isReachable: true, ...seed };
}

/** Writes the records of clusters. Other tenants have their stores. */
async function have(...clusters: readonly PlacementCandidate[]): Promise<void> {
  await records.pool.query('truncate clusters, tenant_clusters');
  for (const { name, status, capacity, residentStores, labels, isReachable } of clusters) {
    await records.pool.query(
      `insert into clusters (name, status, capacity, labels, answered, last_seen_at, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6, $6, $6)`,
      [name, status, capacity, JSON.stringify(labels), true, isReachable ? later(-120) : later(-121)],
    );
    for (const [position, stores] of [Math.floor(residentStores / 2), Math.ceil(residentStores / 2)].entries()) {
      await records.pool.query('insert into tenant_clusters (tenant_id, cluster, live_stores) values ($1, $2, $3)', [
        `other-${position}`,
        name,
        stores,
      ]);
    }
  }
}

function create(placement: PlacementWish = ANY, seed: Parameters<typeof createInput>[0] = {}) {
  return records.stores.create(createInput({ placement, ...seed }));
}

/** Returns the result of a create in the form of a placement. */
function placed(result: CreateStoreResult) {
  if (result.kind === 'created') return { kind: 'placed', cluster: result.store.cluster };
  if (result.kind === 'clusterRefused')
    return { kind: 'refused', reason: result.reason, clusters: [...result.clusters].toSorted() };
  throw new Error(`the create ended as ${result.kind}`);
}

async function countsOf(tenantId: string) {
  const { rows } = await records.pool.query<{ cluster: string; live_stores: number }>(
    'select cluster, live_stores from tenant_clusters where tenant_id = $1 and live_stores > 0 order by cluster',
    [tenantId],
  );
  return rows.map(({ cluster: name, live_stores: stores }) => [name, stores]);
}

test('the statement makes the same choice as the function', async () => {
  const labels = dictionary(constantFrom('region', 'tier'), constantFrom('a', 'b'), { maxKeys: 2 });
  const candidates = uniqueArray(
    record({
      name: constantFrom('a', 'a-1', 'a0', 'b', 'z'),
      status: constantFrom(...CLUSTER_STATUSES),
      capacity: option(nat({ max: 4 })),
      residentStores: nat({ max: 4 }),
      labels,
      isReachable: boolean(),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 4 },
  );
  await assertProperty(
    asyncProperty(candidates, array(labels, { minLength: 1, maxLength: 2 }), async (clusters, wishes) => {
      for (const wished of wishes) {
        await have(...clusters);
        // The residents of a single cluster without a limit are not counted, and they do not matter.
        const expected = placementOf(clusters, { labels: wished });
        const sorted = 'clusters' in expected ? { ...expected, clusters: [...expected.clusters].toSorted() } : expected;
        expect(placed(await create({ labels: wished }))).toEqual(sorted);
      }
    }),
    { numRuns: 60 },
  );
});

test('before a worker has registered a cluster, a store is placed in the default one', async () => {
  expect(placed(await create())).toEqual({ kind: 'placed', cluster: 'default' });
});

test('stores spread over the clusters by their free places, and the counts follow them', async () => {
  await have(cluster('one', { capacity: 4 }), cluster('two', { capacity: 2 }));
  for (let count = 0; count < 6; count += 1) await create(ANY, { tenantId: `tenant-${count % 2}` });
  // The choices are one, one, two, one, two and one: of two that are equally free, the one with fewer stores.
  expect(await countsOf('tenant-0')).toEqual([
    ['one', 1],
    ['two', 2],
  ]);
  expect(await countsOf('tenant-1')).toEqual([['one', 3]]);
  const admin = createAdminRecords(records.db);
  const listed = await admin.listStores({ limit: 10, cluster: 'two' });
  expect(listed.stores.map(({ tenantId, cluster: name }) => [tenantId, name])).toEqual([
    ['tenant-0', 'two'],
    ['tenant-0', 'two'],
  ]);
  const open = { status: 'requested', limit: 10, offset: 0 } as const;
  expect((await admin.listOperations({ ...open, cluster: 'one' })).total).toBe(4);
  expect(placed(await create())).toMatchObject({ kind: 'refused', reason: 'full' });
});

describe('a cluster that accepts no store', () => {
  test.each(['cordoned', 'draining'] as const)(
    'because it is %s refuses a new store, and repeats the answer of an earlier request',
    async (status) => {
      await have(cluster('default'));
      const first = createInput({ idempotencyKey: 'first' });
      await records.stores.create(first);
      await have(cluster('default', { status }));
      expect(await create()).toEqual({ kind: 'clusterRefused', clusters: ['default'], reason: status });
      expect(await records.stores.create(first)).toMatchObject({ kind: 'replayed', store: { id: first.id } });
      expect(await records.stores.create({ ...first, requestHash: 'other' })).toEqual({ kind: 'keyReused' });
    },
  );

  test('because it is full refuses the stores of every tenant, which take no place in a quota', async () => {
    await have(cluster('default', { capacity: 1 }));
    await create(ANY, { tenantId: 'a' });
    expect(await create(ANY, { tenantId: 'b' })).toMatchObject({ reason: 'full' });
    await records.pool.query('update clusters set capacity = 2');
    expect(await create(ANY, { tenantId: 'b', maxStores: 1 })).toMatchObject({ kind: 'created' });
  });

  test('does not hide that the quota of the tenant is full', async () => {
    await have(cluster('default'), cluster('other', { status: 'cordoned' }));
    await create(ANY, { maxStores: 1 });
    expect(await create(ANY, { maxStores: 1 })).toEqual({ kind: 'quotaExceeded', limit: 1, live: 1 });
  });
});

test('a deleted store leaves its cluster', async () => {
  await have(cluster('one', { capacity: 1, labels: { region: 'eu' } }));
  const { store, input } = await records.begun('delete');
  expect(store.cluster).toBe('one');
  expect(await countsOf(store.tenantId)).toEqual([['one', 1]]);
  await records.stores.end({ ...input, outcome: OUTCOMES.deleted }, later(1));
  expect(await countsOf(store.tenantId)).toEqual([]);
  expect(placed(await create({ labels: { region: 'eu' } }))).toEqual({ kind: 'placed', cluster: 'one' });
});
