import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Pool } from 'pg';
import type { Store } from '../../api/contract/store.ts';
import { slugOf } from '../../domain/names.ts';
import type { ApiServer, Json } from './api-server.ts';

/*
 * Copies a store that the platform has created: its records, and its objects in the API server with their status. While it writes, the
 * controllers are paused, so that they find complete copies and create nothing.
 */

interface Meta {
  name: string;
  namespace?: string;
  uid: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: readonly { readonly uid: string }[];
  [field: string]: unknown;
}

/** A namespaced collection. The order makes sure that an owner is copied before what it owns. */
interface Collection {
  readonly api: string;
  readonly plural: string;
  readonly hasStatus?: true;
  readonly prepare?: (object: Json) => void;
}

const COLLECTIONS: readonly Collection[] = [
  { api: 'api/v1', plural: 'serviceaccounts' },
  { api: 'api/v1', plural: 'secrets' },
  { api: 'api/v1', plural: 'configmaps' },
  { api: 'api/v1', plural: 'resourcequotas', hasStatus: true, prepare: withoutUsage },
  { api: 'api/v1', plural: 'limitranges' },
  { api: 'apis/networking.k8s.io/v1', plural: 'networkpolicies' },
  { api: 'apis/networking.k8s.io/v1', plural: 'ingresses' },
  { api: 'api/v1', plural: 'services', prepare: withoutAddresses },
  { api: 'api/v1', plural: 'persistentvolumeclaims', hasStatus: true },
  { api: 'apis/apps/v1', plural: 'deployments', hasStatus: true, prepare: asFirstGeneration },
  { api: 'apis/apps/v1', plural: 'replicasets', hasStatus: true, prepare: asFirstGeneration },
  { api: 'apis/apps/v1', plural: 'statefulsets', hasStatus: true, prepare: asFirstGeneration },
  { api: 'apis/apps/v1', plural: 'controllerrevisions' },
  { api: 'api/v1', plural: 'pods', hasStatus: true },
  { api: 'apis/discovery.k8s.io/v1', plural: 'endpointslices' },
];

/** The objects of a store as they are copied. */
export interface Template {
  readonly store: Store;
  readonly slug: string;
  readonly namespace: Json;
  readonly objects: readonly { readonly collection: Collection; readonly object: Json }[];
  readonly volumes: readonly Json[];
}

/** Reads the objects of a ready store. Jobs and their pods are left out: the API server rejects copies of their labels. */
export async function readTemplate(api: ApiServer, store: Store): Promise<Template> {
  const namespaces = await api.list(`/api/v1/namespaces?fieldSelector=metadata.name%3D${store.namespace}`);
  const objects: Template['objects'][number][] = [];
  for (const collection of COLLECTIONS) {
    const items = await api.list(`/${collection.api}/namespaces/${store.namespace}/${collection.plural}`);
    for (const object of items) if (!isOfJob(object)) objects.push({ collection, object });
  }
  const volumes = (await api.list('/api/v1/persistentvolumes')).filter(
    ({ spec }) => (spec as { claimRef?: { namespace: string } }).claimRef?.namespace === store.namespace,
  );
  const namespace = namespaces[0];
  if (namespace === undefined) throw new Error(`the namespace ${store.namespace} does not exist`);
  return { store, slug: store.namespace.replace(/^store-/, ''), namespace, objects, volumes };
}

/** Number of objects of one copy, without the Jobs. */
export function sizeOf({ objects, volumes }: Template): number {
  return 1 + objects.length + volumes.length;
}

interface Identity {
  readonly id: string;
  readonly slug: string;
}

/** Copies the store `count` times, `parallel` copies at the same time. */
export async function seedStores(
  { api, records, template }: { readonly api: ApiServer; readonly records: Pool; readonly template: Template },
  count: number,
  parallel = 24,
): Promise<void> {
  const copies = Array.from({ length: count }, (): Identity => {
    const id = randomUUID();
    return { id, slug: slugOf({ id, name: template.store.name }) };
  });
  const queue = [...copies];
  await Promise.all(
    Array.from({ length: Math.min(parallel, count) }, async () => {
      for (let copy = queue.pop(); copy !== undefined; copy = queue.pop()) await seedObjects(api, template, copy);
    }),
  );
  await seedRecords(records, template, copies);
}

async function seedObjects(api: ApiServer, template: Template, copy: Identity): Promise<void> {
  const renamed = new Map([
    [template.slug, copy.slug],
    [template.store.storeId, copy.id],
  ]);
  for (const volume of template.volumes) renamed.set(metaOf(volume).name, `pvc-${randomUUID()}`);
  const rename = (object: Json): Json => {
    const pattern = new RegExp([...renamed.keys()].join('|'), 'g');
    const text = (part: string) => part.replaceAll(pattern, (found) => renamed.get(found) ?? found);
    const record = object['type'] === 'helm.sh/release.v1' ? { data: renamedRelease(object, text) } : {};
    return { ...(JSON.parse(text(JSON.stringify(object))) as Json), ...record };
  };
  await create('/api/v1/namespaces', template.namespace);
  for (const { collection, object } of template.objects) {
    const path = `/${collection.api}/namespaces/store-${copy.slug}/${collection.plural}`;
    await create(path, object, collection);
  }
  for (const volume of template.volumes) await create('/api/v1/persistentvolumes', volume, { hasStatus: true });

  async function create(path: string, object: Json, { hasStatus, prepare }: Partial<Collection> = {}): Promise<void> {
    const body = rename(object);
    prepare?.(body);
    const meta = metaOf(body);
    for (const field of ['uid', 'resourceVersion', 'creationTimestamp', 'generation']) delete meta[field];
    const { status, ...rest } = body;
    const created = metaOf(await api.create(path, rest));
    renamed.set(metaOf(object).uid, created.uid);
    if (hasStatus === true && status !== undefined) await api.setStatus(`${path}/${created.name}`, status);
  }
}

/** Returns the data of a copied release record: it is compressed, and it contains the names of the store. */
function renamedRelease(object: Json, rename: (text: string) => string): Json {
  const { release = '' } = object['data'] as { release?: string };
  const zipped = Buffer.from(Buffer.from(release, 'base64').toString('ascii'), 'base64');
  const renamed = gzipSync(rename(gunzipSync(zipped).toString('utf8'))).toString('base64');
  return { release: Buffer.from(renamed).toString('base64') };
}

/** Copies the records. The copies serve traffic, so that `verify-stores` verifies them. */
async function seedRecords(pool: Pool, template: Template, copies: readonly Identity[]): Promise<void> {
  const { storeId } = template.store;
  const ids = [copies.map(({ id }) => id), copies.map(({ slug }) => slug), template.slug, storeId];
  const copied = `from unnest($1::text[], $2::text[]) as copy(id, slug)`;
  await pool.query(
    `insert into stores select copied.* ${copied} join stores s on s.id = $4::text::uuid, jsonb_populate_record(s,
      ${renamedRow('s')} || jsonb_build_object('idempotency_key', 'seed-' || copy.id, 'nodes', 'real')) copied`,
    ids,
  );
  await pool.query(
    `insert into operations select copied.* ${copied} join operations o on o.store_id = $4::text::uuid,
      jsonb_populate_record(o, ${renamedRow('o')} || jsonb_build_object('id', gen_random_uuid())) copied`,
    ids,
  );
  await pool.query(
    `insert into store_events select copied.* ${copied} join store_events e on e.store_id = $4::text::uuid,
      jsonb_populate_record(e, ${renamedRow('e')} || jsonb_build_object('tenant_seq', null)) copied`,
    ids,
  );
  await pool.query(
    `update tenant_quotas q set live_stores = live_stores + $1 from stores s
      where s.id = $2 and q.tenant_id = s.tenant_id`,
    [copies.length, storeId],
  );
  await pool.query(
    `update tenant_clusters c set live_stores = live_stores + $1 from stores s
      where s.id = $2 and c.tenant_id = s.tenant_id and c.cluster = s.cluster`,
    [copies.length, storeId],
  );
  for (const table of ['stores', 'operations', 'store_events']) await pool.query(`analyze ${table}`);
}

/** Returns the SQL expression of a row with the names of a copy. */
function renamedRow(row: string): string {
  return `replace(replace(to_jsonb(${row})::text, $3::text, copy.slug), $4::text, copy.id)::jsonb`;
}

/** Creates volumes without a store, as those of other stores look to a delete. */
export async function seedVolumes(api: ApiServer, template: Template, count: number, parallel = 24): Promise<void> {
  const [volume] = template.volumes;
  if (volume === undefined) throw new Error('the store has no volume');
  let left = count;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left > 0) {
        left -= 1;
        const name = `pvc-${randomUUID()}`;
        const spec = volume['spec'] as Json;
        const claimRef = { ...(spec['claimRef'] as Json), namespace: `store-seeded-${left}`, uid: randomUUID() };
        const path = '/api/v1/persistentvolumes';
        await api.create(path, {
          ...volume,
          metadata: { name, labels: metaOf(volume).labels, annotations: metaOf(volume).annotations },
          spec: { ...spec, claimRef, persistentVolumeReclaimPolicy: 'Retain' },
          status: undefined,
        });
        await api.setStatus(`${path}/${name}`, { phase: 'Released' });
      }
    }),
  );
}

function metaOf(object: Json): Meta {
  return object['metadata'] as Meta; // every object of the API server has it
}

function isOfJob(object: Json): boolean {
  return metaOf(object).labels?.['batch.kubernetes.io/job-name'] !== undefined;
}

/** The API server counts the usage again when the copies of the pods and claims are created. */
function withoutUsage(object: Json): void {
  const { hard } = object['status'] as { hard: Record<string, string> };
  object['status'] = { hard, used: Object.fromEntries(Object.keys(hard).map((resource) => [resource, '0'])) };
}

function withoutAddresses(object: Json): void {
  const spec = object['spec'] as Json;
  if (spec['clusterIP'] === 'None') return;
  delete spec['clusterIP'];
  delete spec['clusterIPs'];
}

function asFirstGeneration(object: Json): void {
  const status = object['status'] as Json | undefined;
  if (status !== undefined) status['observedGeneration'] = 1;
}
