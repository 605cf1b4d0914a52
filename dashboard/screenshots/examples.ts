import type { Store } from '@store-platform/client';
import { eventually } from '../../test/harness/eventually.ts';
import { createBlockedStore } from '../test/blocked-store.ts';
import { seedHistory } from '../test/operator-seed.ts';
import type { BrowserTestPlatform } from '../test/platform.ts';

/** Ids of the stores that have pages on the pictures. */
export interface Examples {
  readonly readyId: string;
  readonly failedId: string;
}

/** An operation takes seconds, and minutes on a busy machine. */
const OPERATION_MS = 180_000;

/** Names of the stores of the last weeks. */
const NAMES = [
  'Harbour Coffee',
  'Nordic Lamps',
  'Green Thumb',
  'Paper & Ink',
  'Alpine Gear',
  'Blue Bicycle',
  'Old Town Books',
  'Cedar Toys',
  'Sunday Bakery',
  'Linen House',
  'Second Spin Records',
  'Hill Farm Honey',
];

/** Creates stores in every state that the pictures show, and a history of some weeks. */
export async function createExamples(platform: BrowserTestPlatform): Promise<Examples> {
  await namePeople(platform);
  // One after the other, so that the list has the same order in each run.
  const failed = await createBlockedStore(platform, { name: 'Copper Kitchen', onFailure: 'cleanup' });
  const held = await createBlockedStore(platform, { name: 'Studio Ceramics', onFailure: 'hold' });
  const ready = await createStore(platform, 'Acme Shoes');
  await Promise.all([
    untilStatus(platform, failed.storeId, 'failed'),
    untilStatus(platform, held.storeId, 'held'),
    untilStatus(platform, ready.storeId, 'ready'),
  ]);
  // The last step: no object of the history is in the cluster, so the reconciler would find fault with it.
  await seedHistory(platform);
  await nameSeeded(platform);
  return { readyId: ready.storeId, failedId: failed.storeId };
}

/** Gives the stores of the history names, and counts them in a quota that they fit in. */
async function nameSeeded(platform: BrowserTestPlatform): Promise<void> {
  const { tenantId } = platform;
  await platform.query(
    `update stores set name = named.name,
       slug = regexp_replace(lower(named.name), '[^a-z]+', '-', 'g') || '-' || left(md5(stores.id::text), 12)
     from (select id, ($2::text[])[1 + substring(name from 6)::int % cardinality($2::text[])] as name
           from stores where tenant_id = $1 and name like 'Shop %') named
     where stores.id = named.id`,
    [tenantId, NAMES],
  );
  await platform.query('update tenants set max_stores = 150 where id = $1', [tenantId]);
  await platform.query(
    `update tenant_quotas set live_stores = (select count(*) from stores where tenant_id = $1 and status <> 'deleted')
     where tenant_id = $1`,
    [tenantId],
  );
}

/** Gives the people of the platform names. */
async function namePeople(platform: BrowserTestPlatform): Promise<void> {
  const people = { Viewer: 'Kim Larsen', Member: 'Sam Okafor', Admin: 'Robin Meyer', Operator: 'Alex Costa' };
  for (const [role, name] of Object.entries(people)) {
    await platform.query('update users set name = $2 where name = $1', [`${role} Person`, name]);
  }
}

async function createStore(platform: BrowserTestPlatform, name: string): Promise<Store> {
  const { data } = await platform.clientAs('admin').POST('/api/stores', {
    params: { header: { 'Idempotency-Key': name.replaceAll(' ', '-') } },
    body: { name, engine: 'woocommerce' },
  });
  if (data === undefined) throw new Error(`the API has not created the store ${name}`);
  return data;
}

async function untilStatus(platform: BrowserTestPlatform, id: string, status: Store['status']): Promise<void> {
  await eventually(
    async () => {
      const { data } = await platform.clientAs('viewer').GET('/api/stores/{id}', { params: { path: { id } } });
      if (data?.status !== status) throw new Error(`the store ${id} is ${data?.status} and not ${status}`);
      return true;
    },
    { deadlineMs: OPERATION_MS },
  );
}
