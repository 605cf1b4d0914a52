import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterPki } from '../../../temporal-dev/services/kubernetes-pki.ts';
import type { SlotExtra } from './api-slot.ts';
import { openKubeProxy, type KubeProxy } from './kube-proxy.ts';
import { startManaged, type ManagedProcess } from './managed-process.ts';

/** A worker that is replaced when it is killed, and its own way to the cluster. */
export interface WorkerSlot {
  readonly index: number;
  readonly cluster: KubeProxy;
  readonly pid: () => number;
  readonly hasEnded: () => boolean;
  /** Whether the environment did it. */
  readonly wasKilled: () => boolean;
  start(extra?: SlotExtra): Promise<void>;
  /** Ends it; `SIGTERM` as a deploy does, with time to hand over. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  ensureAlive(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the way to the cluster for a worker that is yet to be started. */
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
  let wasKilled = false;
  let current: { readonly process: ManagedProcess; readonly isUsual: boolean } | undefined;

  async function start(extra: SlotExtra = {}): Promise<void> {
    const process = await startManaged({
      kind: 'worker',
      env: { ...options.env, KUBECONFIG: kubeconfig, WORKER_HEALTH_PORT: '0', ...extra.env },
      logFile: join(options.logs, `worker-${index}.log`),
      saysWhenReady: 'worker is polling',
    });
    wasKilled = false;
    current = { process, isUsual: extra.env === undefined };
  }

  return {
    index,
    cluster: proxy,
    pid: () => current?.process.pid ?? 0,
    hasEnded: () => current?.process.hasEnded() ?? true,
    start,
    wasKilled: () => wasKilled,
    kill: async (signal) => {
      wasKilled = true;
      await current?.process.kill(signal);
    },
    signal: (signal) => current?.process.signal(signal),
    ensureAlive: async () => {
      // One that is stopped would be waited for in vain.
      current?.process.signal('SIGCONT');
      if (current?.isUsual === true && !current.process.hasEnded()) return;
      await current?.process.kill('SIGTERM');
      await start();
    },
    close: async () => {
      await current?.process.kill('SIGKILL');
      await proxy.close();
    },
  };
}
