import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { Client, Connection } from '@temporalio/client';
import { Pool } from 'pg';
import { migrateDatabase } from '../../../db/connection/migrate.ts';
import { directToLoopback } from '../../../temporal/direct-connection.ts';
import { ensureClusterPki } from '../../../temporal-dev/services/kubernetes-pki.ts';
import { ensureWorkflowBundle } from '../../../temporal-dev/services/platform.ts';
import type { TemporalProvider } from '../../../temporal-dev/service.ts';
import { devServer, temporalCluster } from '../../../temporal-dev/services/temporal-servers.ts';
import { startStack, type Stack } from '../../../temporal-dev/start-stack.ts';
import { openStateFolder, removeStateFolder } from '../../../temporal-dev/processes/state-folder.ts';
import { createToolResolver } from '../../../temporal-dev/tools/tool-resolver.ts';
import { removeAbandonedStacks } from '../../harness/abandoned-stacks.ts';
import { readInstallation } from '../../harness/platform/installation.ts';
import { openApiSlot, type ApiSlot } from './api-slot.ts';
import { makeCharts } from './charts.ts';
import { makeHelmShim, type HelmShim } from './helm-shim.ts';
import { kubeAccess, type KubeAccess } from './kube-access.ts';
import { combineServices, stackService, type StackService } from './stack-service.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { throughLinks } from './through-links.ts';
import { openFaultPoints, type FaultPoints } from './fault-points.ts';
import { openWorkerSlot, type WorkerSlot } from './worker-slot.ts';

/** The API and the workers as processes, on their own stack, with controls for everything that can fail. */
export interface FaultEnvironment {
  readonly stack: Stack;
  /** Settings of all processes. The addresses of the services are replaced by the addresses of the proxies. */
  readonly env: Readonly<Record<string, string>>;
  /** Id of the installation that the API and the workers belong to. */
  readonly installation: string;
  readonly logs: string;
  readonly folder: string;
  /** Connects directly, not through a proxy. The checks use it; so do `temporal` and `kube`. */
  readonly db: Pool;
  readonly temporal: Client;
  readonly kube: KubeAccess;
  readonly api: ApiSlot;
  readonly workers: readonly WorkerSlot[];
  /** Proxies between the workers and Postgres and Temporal. */
  readonly workerLinks: { readonly postgres: TcpProxy; readonly temporal: TcpProxy };
  readonly services: { readonly postgres: StackService; readonly temporal: StackService };
  /** The processes of `services.temporal`: the nodes of the cluster, or the development server. */
  readonly temporalNodes: readonly StackService[];
  readonly helm: HelmShim;
  readonly faultPoints: FaultPoints;
  /** Heals every connection, starts every process that is not running and deletes all fault points. */
  restore(): Promise<void>;
  /** Registers a step that runs when the environment stops, before the parts that already exist are stopped. */
  atStop(step: () => Promise<unknown>): void;
  stop(): Promise<void>;
}

const FOLDER_PREFIX = 'store-platform-faults-';
/** Quota of the tenant. Only the fault `creates-over-quota` reaches a quota, and it sets a lower one. */
export const MAX_STORES = 150;

/**
 * Starts the stack, the API and the workers.
 *
 * @throws Error when a part does not start. All parts that have started are stopped first.
 */
export async function startFaultEnvironment(options: {
  readonly workers: number;
  readonly temporal: TemporalProvider['name'];
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
}): Promise<FaultEnvironment> {
  await removeAbandonedStacks(FOLDER_PREFIX);
  const folder = openStateFolder(mkdtempSync(join(tmpdir(), FOLDER_PREFIX)));
  const closing: (() => Promise<unknown>)[] = [() => removeStateFolder(folder)];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) {
      await close().catch((error: unknown) =>
        options.report(`A step failed while the fault environment stopped: ${String(error)}`),
      );
    }
  };
  const temporal = options.temporal === 'cluster' ? temporalCluster : devServer;
  try {
    const stack = await startStack({
      stateDir: folder.path,
      ports: 'free',
      services: { postgres: true, temporal: true, kubernetes: true },
      temporal,
      restartTemporalNodes: false, // the faults decide when a node comes back
      resolver: createToolResolver({ env: process.env, report: options.report, signal: options.signal }),
      report: options.report,
      durable: true, // the faults crash the services, which must not lose confirmed writes
      signal: options.signal,
    });
    closing.push(() => stack.stop());
    return await assemble({ ...options, stack, folder: folder.path, closing, stop, temporal });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(parts: {
  readonly stack: Stack;
  readonly temporal: TemporalProvider;
  readonly folder: string;
  readonly workers: number;
  readonly closing: (() => Promise<unknown>)[];
  readonly stop: () => Promise<void>;
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
}): Promise<FaultEnvironment> {
  const { stack, folder, closing, report } = parts;
  const bundle = join(folder, 'workflow-bundle.js');
  await ensureWorkflowBundle(bundle, parts.signal);
  const charts = join(folder, 'charts');
  makeCharts(charts);
  const logs = join(folder, 'platform-logs');
  mkdirSync(logs);
  const faultPoints = openFaultPoints(join(folder, 'fault-points'));
  const helm = makeHelmShim(join(folder, 'helm-shim'), stack.env['HELM_BIN'] ?? 'helm');
  const env = {
    ...stack.env,
    STORE_PLATFORM_STATE: join(folder, 'no-stack'), // ignores a stack that the user runs
    HELM_BIN: helm.path,
    CHARTS_DIR: charts,
    WORKFLOW_BUNDLE: bundle,
    MAX_STORES_PER_TENANT: String(MAX_STORES),
    READY_DEADLINE_SECONDS: '120',
    SHUTDOWN_GRACE_SECONDS: '5',
    FAULT_POINTS_DIR: faultPoints.folder,
  };

  const workerLinks = {
    postgres: await openTcpProxy(portOf(stack, 'DATABASE_URL')),
    temporal: await openTcpProxy(portOf(stack, 'TEMPORAL_ADDRESS')),
  };
  closing.push(
    () => workerLinks.postgres.close(),
    () => workerLinks.temporal.close(),
  );
  const db = new Pool({ connectionString: stack.env['DATABASE_URL'], max: 4, connectionTimeoutMillis: 3_000 });
  db.on('error', () => undefined); // faults crash Postgres
  db.on('connect', (client) => client.on('error', () => undefined));
  closing.push(() => db.end());
  const connection = Connection.lazy(directToLoopback({ address: stack.env['TEMPORAL_ADDRESS'] ?? '' }));
  closing.push(() => connection.close());
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(stack.env['KUBECONFIG'] ?? '');

  report('Starting the API and the workers');
  const api = await openApiSlot({
    env,
    logs,
    ports: { postgres: portOf(stack, 'DATABASE_URL'), temporal: portOf(stack, 'TEMPORAL_ADDRESS') },
  });
  closing.push(() => api.close());
  await migrateDatabase(stack.env['DATABASE_URL'] ?? '');
  await api.start();
  const installation = await readInstallation(stack.env['DATABASE_URL'] ?? '');
  const pki = await ensureClusterPki(join(folder, 'kubernetes', 'pki'));
  const server = Number(new URL(kubeconfig.getCurrentCluster()?.server ?? '').port);
  const cluster = { pki, port: server, kubeconfig: readFileSync(stack.env['KUBECONFIG'] ?? '', 'utf8') };
  const workerEnv = { ...env, ...throughLinks(env, workerLinks) };
  const workers: WorkerSlot[] = [];
  for (let index = 0; index < parts.workers; index += 1) {
    const worker = await openWorkerSlot({ index, env: workerEnv, logs, folder, cluster });
    closing.push(() => worker.close());
    workers.push(worker);
  }
  await Promise.all(workers.map((worker) => worker.start()));

  const temporalNodes = (parts.temporal.nodes.length === 0 ? [{ name: 'temporal' }] : parts.temporal.nodes).map(
    ({ name }) => stackService(stack, name),
  );
  const environment: FaultEnvironment = {
    stack,
    env,
    installation,
    logs,
    folder,
    db,
    temporal: new Client({ connection, namespace: stack.env['TEMPORAL_NAMESPACE'] ?? 'default' }),
    kube: kubeAccess(kubeconfig),
    api,
    workers,
    workerLinks,
    services: { postgres: stackService(stack, 'postgres'), temporal: combineServices(temporalNodes) },
    temporalNodes,
    helm,
    faultPoints,
    restore: async () => {
      faultPoints.clear();
      for (const link of [workerLinks.postgres, workerLinks.temporal, api.links.postgres, api.links.temporal])
        link.setMode({ kind: 'open' });
      for (const worker of workers) {
        worker.cluster.setBehavior(undefined);
        worker.cluster.setWriteHook(undefined);
        worker.cluster.setForwardPort(undefined);
        worker.cluster.requireToken(undefined);
      }
      await Promise.all(Object.values(environment.services).map((service) => service.ensureAlive()));
      await Promise.all([api.ensureAlive(), ...workers.map((worker) => worker.ensureAlive())]);
    },
    atStop: (step) => void closing.push(step),
    stop: parts.stop,
  };
  return environment;
}

function portOf(stack: Stack, setting: 'DATABASE_URL' | 'TEMPORAL_ADDRESS'): number {
  const value = stack.env[setting] ?? '';
  return Number(setting === 'DATABASE_URL' ? new URL(value).port : value.split(':')[1]);
}
