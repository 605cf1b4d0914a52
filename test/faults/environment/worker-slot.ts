import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterPki } from '../../../temporal-dev/services/kubernetes-pki.ts';
import type { ProcessOverrides } from './api-slot.ts';
import { openKubeProxy, type KubeProxy } from './kube-proxy.ts';
import { startManaged, type ManagedProcess } from './managed-process.ts';

/** A worker process that can be replaced, with its own proxy to the cluster. */
export interface WorkerSlot {
  readonly index: number;
  readonly cluster: KubeProxy;
  readonly pid: () => number;
  readonly hasEnded: () => boolean;
  /** Returns whether the environment has killed the current process. */
  readonly wasKilled: () => boolean;
  /** Replaces the user in the kubeconfig of the worker, as a rotation of credentials does. */
  useToken(token: string): void;
  /** Starts a worker and waits until it polls. */
  start(overrides?: ProcessOverrides): Promise<void>;
  /** Ends the process. `SIGTERM` is a graceful shutdown, as in a deployment. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Continues a stopped process. Starts a worker with the default settings if none is running. */
  ensureAlive(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the proxy to the cluster. `start` starts the worker. */
export async function openWorkerSlot(options: {
  readonly index: number;
  readonly env: Readonly<Record<string, string>>;
  readonly logs: string;
  readonly folder: string;
  readonly cluster: { readonly pki: ClusterPki; readonly port: number; readonly kubeconfig: string };
}): Promise<WorkerSlot> {
  const { index, cluster } = options;
  const proxy = await openKubeProxy(cluster);
  const kubeconfig = join(options.folder, `worker-${index}.kubeconfig`);
  writeFileSync(kubeconfig, cluster.kubeconfig.replaceAll(`127.0.0.1:${cluster.port}`, `127.0.0.1:${proxy.port}`), {
    mode: 0o600,
  });
  const useToken = (token: string): void => {
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as { users: { name: string; user: object }[] };
    const users = config.users.map(({ name }) => ({ name, user: { token } }));
    // Atomically: the worker may read the file at any time.
    writeFileSync(`${kubeconfig}.next`, JSON.stringify({ ...config, users }), { mode: 0o600 });
    renameSync(`${kubeconfig}.next`, kubeconfig);
  };
  let wasKilled = false;
  let current: { readonly process: ManagedProcess; readonly hasDefaultSettings: boolean } | undefined;

  async function start(overrides: ProcessOverrides = {}): Promise<void> {
    const process = await startManaged({
      kind: 'worker',
      env: { ...options.env, KUBECONFIG: kubeconfig, WORKER_HEALTH_PORT: '0', ...overrides.env },
      logFile: join(options.logs, `worker-${index}.log`),
      readyText: 'worker is polling',
    });
    wasKilled = false;
    current = { process, hasDefaultSettings: overrides.env === undefined };
  }

  return {
    index,
    cluster: proxy,
    pid: () => current?.process.pid ?? 0,
    hasEnded: () => current?.process.hasEnded() ?? true,
    useToken,
    start,
    wasKilled: () => wasKilled,
    kill: async (signal) => {
      wasKilled = true;
      await current?.process.kill(signal);
    },
    signal: (signal) => current?.process.signal(signal),
    ensureAlive: async () => {
      // A process that SIGSTOP has stopped would not react to SIGTERM.
      current?.process.signal('SIGCONT');
      if (current?.hasDefaultSettings === true && !current.process.hasEnded()) return;
      await current?.process.kill('SIGTERM');
      await start();
    },
    close: async () => {
      await current?.process.kill('SIGKILL');
      await proxy.close();
    },
  };
}
