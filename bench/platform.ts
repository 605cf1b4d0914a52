import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import closeWithGrace from 'close-with-grace';
import { Pool } from 'undici';
import { migrateDatabase } from '../db/connection/migrate.ts';
import type { Engine } from '../domain/engines/index.ts';
import type { StoreStatus } from '../domain/store/status.ts';
import { directToLoopback } from '../temporal/direct-connection.ts';
import { startStack, type Stack } from '../temporal-dev/start-stack.ts';
import { createToolResolver } from '../temporal-dev/tools/tool-resolver.ts';
import { eventually } from '../test/harness/eventually.ts';
import { compilePlatform } from '../test/harness/platform/compiled-platform.ts';
import { readInstallation } from '../test/harness/platform/installation.ts';
import {
  startApiProcess,
  startWorkerProcess,
  type PlatformEnv,
  type PlatformProcess,
} from '../test/harness/platform/processes.ts';
import { setUpOperator, type OperatorSession } from '../test/harness/platform/roles.ts';
import { writeWorkflowBundle } from '../worker/workflow-bundle.ts';
import type { Store } from '../api/contract/store.ts';

/** The API on its own stack, as `npm start` starts it. Each case starts its workers with `startWorker`. */
export interface BenchPlatform {
  readonly env: PlatformEnv;
  readonly client: Client;
  readonly url: string;
  readonly installation: string;
  readonly api: PlatformProcess;
  /** The processes of the stack: servers of Kubernetes, Temporal and Postgres. */
  readonly processes: Stack['processes'];
  startWorker(extra?: Readonly<Record<string, string>>): Promise<PlatformProcess>;
  create(input?: { readonly engine?: Engine; readonly key?: string }): Promise<Store>;
  get(id: string): Promise<Store>;
  /** Polls until the store has the status. Default interval: 20 ms. @throws Error after 300 s. */
  waitForStatus(id: string, status: StoreStatus, intervalMs?: number): Promise<Store>;
  /** Deletes the stores and waits until each has the status `deleted`. */
  remove(ids: readonly string[]): Promise<void>;
  /** The session of the first operator and an API token of it. Undefined: the platform runs without authentication. */
  readonly operator: { readonly session: OperatorSession; readonly token: string } | undefined;
  stop(): Promise<void>;
}

/** Every request is counted, and none reaches a limit. */
const HIGH_LIMITS = {
  REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000',
  READS_PER_MINUTE_PER_PRINCIPAL: '1000000',
  CHANGES_PER_MINUTE_PER_TENANT: '1000000',
};
const DEADLINE_MS = 300_000;
/** Time to stop everything, also after a signal. */
const STOP_MS = 30_000;

export async function startBenchPlatform(
  report: (message: string) => void,
  {
    fairness = true,
    durable = true,
    compiled = false,
    authenticated = false,
    env: extraEnv = {},
  }: {
    readonly fairness?: boolean;
    /** False: the databases do not wait for the disk, so that many objects can be written. */
    readonly durable?: boolean;
    /** Whether API and worker run as compiled files, as in production. Default: their sources, which need more memory. */
    readonly compiled?: boolean;
    /** Whether the API authenticates and limits requests: all requests of the benchmark have a token. Default: neither. */
    readonly authenticated?: boolean;
    /** Settings for API and workers. */
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<BenchPlatform> {
  const stateDir = await mkdtemp(join(tmpdir(), 'store-platform-bench-'));
  const stack = await startStack({
    stateDir,
    ports: 'free',
    services: { postgres: true, temporal: true, kubernetes: true },
    resolver: createToolResolver({ env: process.env, report }),
    report,
    fairness,
    durable,
  });
  const bundle = join(stateDir, 'workflow-bundle.js');
  await writeWorkflowBundle(bundle);
  const env: PlatformEnv = {
    ...stack.env,
    ...(compiled ? await compilePlatform(join(stateDir, 'compiled')) : {}),
    WORKFLOW_BUNDLE: bundle,
    ...(authenticated ? { AUTH: 'local', ...HIGH_LIMITS } : { AUTH: 'none' }),
    MAX_STORES_PER_TENANT: '100000',
    LOG_LEVEL: 'info',
    ...extraEnv,
  };
  await migrateDatabase(env['DATABASE_URL'] ?? '');
  const api = await startApiProcess(env);
  const operator = authenticated ? await logIn(api) : undefined;
  const authorization: Record<string, string> =
    operator === undefined ? {} : { authorization: `Bearer ${operator.token}` };
  const connection = await Connection.connect(directToLoopback({ address: env['TEMPORAL_ADDRESS'] ?? '' }));
  const installation = await readInstallation(env['DATABASE_URL'] ?? '');
  const running: PlatformProcess[] = [api];

  // Not `fetch`: its web streams use as much CPU time as the API uses for a request.
  const http = new Pool(api.url, { keepAliveTimeout: 60_000, maxResponseSize: 16_777_216 });
  async function json<T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    init: { readonly headers?: Record<string, string>; readonly body?: string } = {},
  ): Promise<T> {
    const { statusCode, body } = await http.request({
      method,
      path,
      ...init,
      headers: { ...authorization, ...init.headers },
    });
    if (statusCode >= 300) throw new Error(`${method} ${path} responded with ${statusCode}: ${await body.text()}`);
    return (await body.json()) as T;
  }

  const get = (id: string) => json<Store>('GET', `/api/stores/${id}`);
  const waitForStatus = (id: string, status: StoreStatus, intervalMs = 20) =>
    eventually(
      async () => {
        const store = await get(id);
        if (store.status === status) return store;
        throw new Error(
          `store ${id} has the status ${store.status}: ${JSON.stringify(store.failure ?? store.operation)}`,
        );
      },
      { deadlineMs: DEADLINE_MS, intervalMs },
    );

  let stopped: Promise<void> | undefined;
  async function stopAll(): Promise<void> {
    interrupted.uninstall();
    await http.close();
    await connection.close();
    for (const process of running) await process.kill('SIGKILL');
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
  const stop = (): Promise<void> => (stopped ??= stopAll());
  const interrupted = closeWithGrace({ delay: STOP_MS, logger: false }, stop);

  return {
    env,
    client: new Client({ connection }),
    url: api.url,
    installation,
    api,
    processes: stack.processes,
    startWorker: async (extra = {}) => {
      const worker = await startWorkerProcess(env, extra);
      running.push(worker);
      return worker;
    },
    create: ({ engine = 'woocommerce', key = randomUUID() } = {}) =>
      json('POST', '/api/stores', {
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ name: 'Acme Shoes', engine }),
      }),
    get,
    waitForStatus,
    remove: async (ids) => {
      for (const id of ids) await json('DELETE', `/api/stores/${id}`);
      for (const id of ids) await waitForStatus(id, 'deleted');
    },
    operator,
    stop,
  };
}

/** Creates the first operator of the API and a token. */
async function logIn(api: PlatformProcess): Promise<BenchPlatform['operator']> {
  const setupUrl = await eventually(() => /"setupUrl":"([^"]+)"/.exec(api.output())?.[1]);
  const session = await setUpOperator(setupUrl);
  const { token } = await session.post('/api/tokens', { name: 'bench' });
  return { session, token };
}
