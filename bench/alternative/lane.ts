import { randomBytes, randomUUID } from 'node:crypto';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { Client, type Pool } from 'pg';
import { createStoreService, type RequestContext } from '../../api/store-service.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { openDb } from '../../db/open-db.ts';
import { createStores, type StoreRecord, type Stores } from '../../db/stores.ts';
import { createLogger } from '../../logging/logger.ts';
import { registerSearchAttributes } from '../../temporal/register-search-attributes.ts';
import { createStoreOperations, type StoreOperations } from '../../temporal/store-operations.ts';
import { createQueueOperations, prepareQueue } from './queue/queue-operations.ts';
import { makeSharedCluster } from './shared-cluster.ts';
import type { Side, WorkerSettings } from './sides.ts';

/** Servers that all lanes share. */
export interface Ground {
  /** Of a role that may create databases. */
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly workflowBundle: string;
}

/** One side with a database, a cluster and a Temporal namespace of its own: nothing in it comes from another lane. */
export interface Lane {
  readonly settings: WorkerSettings;
  readonly pool: Pool;
  readonly stores: Stores;
  readonly operations: StoreOperations;
  /** What `POST /api/stores` does behind its route. */
  create(name: string): Promise<StoreRecord>;
  cancel(storeId: string): Promise<void>;
  /** The store as it is now. */
  read(store: StoreRecord): Promise<StoreRecord>;
  close(): Promise<void>;
}

const RETENTION_SECONDS = 86_400;
const TENANT = 'bench';

export async function openLane(ground: Ground, side: Side, delayMs: number): Promise<Lane> {
  const databaseUrl = await createDatabase(ground.databaseUrl);
  const database = openDb({
    databaseUrl,
    poolSize: 10,
    applicationName: 'bench',
    log: { warn: () => undefined },
  });
  const { db, pool } = database;
  await makeSharedCluster(pool);
  const orchestrator = side === 'platform' ? await openTemporal(ground.temporalAddress) : await openQueue(pool);
  const stores = createStores(db);
  const log = createLogger({ service: 'api', level: 'silent' });
  const service = createStoreService({
    records: stores,
    operations: orchestrator.operations,
    addresses: { domain: 'localhost', port: 80 },
    webUi: { url: 'http://127.0.0.1', namespace: orchestrator.namespace },
    maxStores: 100_000,
    now: () => new Date(),
  });
  const request = (): RequestContext => ({ caller: { tenantId: TENANT }, correlationId: randomUUID(), log });

  return {
    settings: {
      side,
      databaseUrl,
      temporalAddress: ground.temporalAddress,
      temporalNamespace: orchestrator.namespace,
      workflowBundle: ground.workflowBundle,
      delayMs,
    },
    pool,
    stores,
    operations: orchestrator.operations,
    create: async (name) => {
      const body = { name, engine: 'woocommerce' } as const;
      return (await service.create(request(), { idempotencyKey: randomUUID(), body })).store;
    },
    cancel: async (storeId) => void (await service.cancel(request(), storeId)),
    read: ({ id }) => service.get(request(), id),
    close: async () => {
      await orchestrator.close();
      await database.close();
    },
  };
}

async function createDatabase(serverUrl: string): Promise<string> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrateDatabase(url.href);
  return url.href;
}

interface Orchestrator {
  readonly operations: StoreOperations;
  readonly namespace: string;
  close(): Promise<void>;
}

async function openTemporal(address: string): Promise<Orchestrator> {
  const connection = await Connection.connect({ address });
  const namespace = `bench-${randomBytes(6).toString('hex')}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as never }, // typed as a Long; a number is taken
  });
  await registerSearchAttributes(connection, namespace);
  const operations = createStoreOperations(new TemporalClient({ connection, namespace }));
  return { operations, namespace, close: () => connection.close() };
}

async function openQueue(pool: Pool): Promise<Orchestrator> {
  await prepareQueue(pool);
  return { operations: createQueueOperations(pool), namespace: 'none', close: async () => undefined };
}
