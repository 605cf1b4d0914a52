import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { Pool } from 'pg';
import { openDb, type OpenDatabase } from '../../db/connection/open-db.ts';
import { createStores, targetOf, type CreateStoreInput, type StoreRecord, type Stores } from '../../db/index.ts';
import { engineSpec } from '../../domain/engines/index.ts';
import { slugOf, namespaceOf, releaseNameOf, workflowIdOf } from '../../domain/names.ts';
import type { StoreEvent } from '../../domain/store/store.ts';
import { closeAll } from '../harness/close-all.ts';
import { createDatabase } from '../harness/stack/stack.ts';
import type { OperationKind } from '../../domain/operations/catalogue.ts';
import { tenantQuotas } from '../../db/schema/quotas.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

export const NOW = new Date('2026-01-02T03:04:05.678Z');

/** Returns the time `seconds` after `NOW`. */
export function later(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1_000);
}

/** Returns a unique create request. Fields of `seed` replace the generated ones. */
export function createInput(seed: Partial<CreateStoreInput> = {}): CreateStoreInput {
  const id = seed.id ?? randomUUID();
  const name = seed.name ?? 'Acme Shoes';
  const slug = slugOf({ id, name });
  const host = `${slug}.localhost`;
  const engine = seed.engine ?? 'woocommerce';
  const { adminPath, chartVersion } = engineSpec(engine);
  return {
    id,
    tenantId: 'tenant',
    idempotencyKey: `key-${id}`,
    requestHash: 'hash',
    name,
    engine,
    slug,
    namespace: namespaceOf(slug),
    releaseName: releaseNameOf(slug),
    host,
    storefrontUrl: `http://${host}/`,
    adminUrl: `http://${host}${adminPath}`,
    chartVersion,
    operationId: randomUUID(),
    requestedBy: 'tenant',
    correlationId: 'correlation',
    maxStores: 1_000,
    now: NOW,
    ...seed,
  };
}

/** Returns the input that a run passes to its activities. */
export function activityInput(store: StoreRecord, kind: OperationKind, runId = `run-${kind}`): ActivityInput {
  const run = { kind, workflowId: workflowIdOf(store.id), runId, correlationId: `${runId}-correlation` };
  return { store: targetOf(store), run };
}

interface World {
  readonly record: StoreRecord;
  readonly events: readonly StoreEvent[];
  /** Stores of the tenant that count against its quota. */
  readonly liveStores: number | undefined;
}

export interface TestRecords extends OpenDatabase {
  readonly databaseUrl: string;
  readonly stores: Stores;
  /** Creates a store with status `requested`. */
  request(seed?: Partial<CreateStoreInput>): Promise<StoreRecord>;
  /** Reads the current record of the store. */
  read(store: StoreRecord): Promise<StoreRecord>;
  /** Creates a store and begins an operation on it. Returns the store and the input of that run's activities. */
  begun(
    kind?: OperationKind,
    tenantId?: string,
  ): Promise<{ readonly store: StoreRecord; readonly input: ActivityInput }>;
  events(store: StoreRecord): Promise<readonly StoreEvent[]>;
  /** Reads everything that the database has about a store. Two equal results mean that nothing was written in between. */
  world(store: StoreRecord): Promise<World>;
  /** Runs a statement that writes thousands of rows, without the time limit that the platform gives to a statement. */
  writeMany(text: string, values?: unknown[]): Promise<void>;
  /** Closes the pools and drops the database. */
  drop(): Promise<void>;
}

/** Opens store records in a new database. */
export async function openTestRecords({ poolSize = 10 }: { readonly poolSize?: number } = {}): Promise<TestRecords> {
  const database = await createDatabase();
  const databaseUrl = database.url;
  const opened = openDb({ databaseUrl, poolSize, applicationName: 'test', log: { warn: () => undefined } });
  const stores = createStores(opened.db);
  const unlimited = new Pool({ connectionString: databaseUrl, max: 1 });

  async function request(seed?: Partial<CreateStoreInput>): Promise<StoreRecord> {
    const created = await stores.create(createInput(seed));
    if (created.kind !== 'created') throw new Error(`expected a new store, got ${created.kind}`);
    return created.store;
  }

  async function read({ tenantId, id }: StoreRecord): Promise<StoreRecord> {
    const store = await stores.get({ tenantId, storeId: id });
    if (store === undefined) throw new Error(`no store ${id}`);
    return store;
  }

  async function begun(kind: OperationKind = 'provision', tenantId = 'tenant') {
    const store = await request({ tenantId });
    const input = activityInput(store, kind);
    await stores.begin(input, NOW);
    return { store, input };
  }

  async function events({ tenantId, id }: StoreRecord): Promise<readonly StoreEvent[]> {
    const page = await stores.listEvents({ tenantId, storeId: id, limit: 1_000 });
    return page?.events ?? [];
  }

  async function world(store: StoreRecord): Promise<World> {
    const quota = await opened.db.query.tenantQuotas.findFirst({ where: eq(tenantQuotas.tenantId, store.tenantId) });
    return { record: await read(store), events: await events(store), liveStores: quota?.liveStores };
  }

  async function writeMany(text: string, values?: unknown[]): Promise<void> {
    await unlimited.query(text, values);
  }

  const drop = () =>
    closeAll(
      () => unlimited.end(),
      () => opened.close(),
      () => database.drop(),
    );
  return { ...opened, databaseUrl, stores, request, read, begun, events, world, writeMany, drop };
}
