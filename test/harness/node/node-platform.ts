import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import { migrateDatabase } from '../../../db/connection/migrate.ts';
import { type JsonObject, mergedValues } from '../../../activities/release/values.ts';
import type { Engine } from '../../../domain/engines/index.ts';
import type { StoreEvent } from '../../../domain/store/store.ts';
import type { StoreStatus } from '../../../domain/store/status.ts';
import { localKubeConfig } from '../../../temporal-dev/services/cluster-objects.ts';
import { eventually } from '../eventually.ts';
import { startNodeStack, type NodeStack } from './node-stack.ts';
import { startApiProcess, startWorkerProcess, type PlatformEnv, type PlatformProcess } from '../platform/processes.ts';
import type { Store } from '../../../api/contract/store.ts';

/** Containers start for real here, on a machine that may be busy. */
const SETTLE_DEADLINE_MS = 15 * 60_000;

/** An image in a registry that refuses connections at once. With a silent registry, containerd's own timeout would apply. */
export const MISSING_IMAGE = { image: { repository: 'localhost:1/store', tag: 'not-built' } } as const;

/** Chart values per engine. */
type StoreValues = { readonly [E in Engine]?: JsonObject };

/** The whole platform on a real node on this machine. The API and the worker are separate processes. */
export interface NodePlatform {
  readonly cluster: KubeConfig;
  readonly core: CoreV1Api;
  /** Certificate of the authority of the stores in PEM. Undefined: the stores are served over http. */
  readonly ca: string | undefined;
  /** Returns the URL at which the ingress serves a store. */
  address(slug: string): string;
  create(engine: Engine): Promise<Store>;
  get(id: string): Promise<Store>;
  events(id: string): Promise<readonly StoreEvent[]>;
  /** Waits until no operation runs on the store. @throws Error if its status is not the given one then. */
  settled(id: string, status: StoreStatus): Promise<Store>;
  remove(id: string): Promise<Store>;
  /**
   * Kills the worker and starts another one with these chart values on top of the values for the node's images, and with
   * these settings.
   */
  replaceWorker(values?: StoreValues, settings?: Readonly<Record<string, string>>): Promise<void>;
  /** Returns one entry of a store's Secret. */
  secret(store: Pick<Store, 'namespace'>, key: string): Promise<string>;
  /** Stops everything. A second call waits for the first one. */
  stop(): Promise<void>;
}

/** Starts the platform. @throws Error if a part does not start; the other parts are stopped then. */
export async function startNodePlatform(
  stateDir: string,
  what: 'platform' | 'https-platform' = 'platform',
): Promise<NodePlatform> {
  const stack = await startNodeStack(stateDir, what);
  try {
    return await startOn(stack, stateDir);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function startOn(stack: NodeStack, stateDir: string): Promise<NodePlatform> {
  const env: PlatformEnv = { ...stack.env, AUTH: 'none', LOG_LEVEL: 'info' };
  await migrateDatabase(env['DATABASE_URL'] ?? '');
  const api = await startApiProcess(env);
  let worker: PlatformProcess = await startWorkerProcess(env);
  const cluster = localKubeConfig(env['KUBECONFIG'] ?? '');
  const core = cluster.makeApiClient(CoreV1Api);
  const caFile = env['STORE_CA_FILE'];
  const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');

  async function json<T>(method: string, path: string, init: RequestInit = {}): Promise<T> {
    const response = await fetch(`${api.url}${path}`, { method, ...init });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T; // the API's schemas describe T
  }

  const get = (id: string) => json<Store>('GET', `/api/stores/${id}`);

  async function settled(id: string, status: StoreStatus): Promise<Store> {
    const store = await eventually(
      async () => {
        const seen = await get(id);
        // A request that was accepted but not started yet also counts as the store's operation.
        if (seen.operation === null) return seen;
        throw new Error(`the store is ${seen.status}: ${JSON.stringify(seen.operation)}`);
      },
      { deadlineMs: SETTLE_DEADLINE_MS, intervalMs: 250 },
    );
    if (store.status === status) return store;
    throw new Error(`the store is ${store.status}, expected ${status}: ${JSON.stringify(store.failure)}`);
  }

  /** Returns the settings of a worker whose operator overrides chart values. */
  async function overlaid(values: StoreValues): Promise<Readonly<Record<string, string>>> {
    const base = JSON.parse(await readFile(env['STORE_VALUES_FILE'] ?? '', 'utf8')) as JsonObject; // the stack wrote this file
    const file = join(stateDir, 'changed-values.json');
    await writeFile(file, JSON.stringify(mergedValues(base, values)));
    return { STORE_VALUES_FILE: file };
  }

  async function stopAll(): Promise<void> {
    await worker.kill('SIGTERM');
    await api.kill('SIGTERM');
    await stack.stop();
  }
  let stopped: Promise<void> | undefined;

  return {
    cluster,
    core,
    ca,
    address: (slug) => `${env['STORE_SCHEME'] ?? 'http'}://${slug}.${env['STORE_DOMAIN']}:${env['STORE_PORT']}`,
    get,
    settled,
    create: (engine) =>
      json('POST', '/api/stores', {
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify({ name: 'Acme Shoes', engine }),
      }),
    events: async (id) => (await json<{ data: StoreEvent[] }>('GET', `/api/stores/${id}/events?limit=1000`)).data,
    async remove(id) {
      await json('DELETE', `/api/stores/${id}`);
      return settled(id, 'deleted');
    },
    async replaceWorker(values, settings = {}) {
      await worker.kill('SIGKILL');
      worker = await startWorkerProcess(env, { ...(values === undefined ? {} : await overlaid(values)), ...settings });
    },
    async secret({ namespace }, key) {
      const { data } = await core.readNamespacedSecret({ name: 'store-secrets', namespace });
      return Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');
    },
    stop: () => (stopped ??= stopAll()),
  };
}
