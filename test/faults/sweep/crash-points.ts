import type { KubeCall } from '../environment/kube-proxy.ts';
import type { FaultEnvironment } from '../environment/environment.ts';
import type { WorkerSlot } from '../environment/worker-slot.ts';

export type CrashMoment = 'before' | 'after';

interface ArmedCrash {
  /** Index of the write to the cluster, from 0. */
  readonly index: number;
  readonly moment: CrashMoment;
  readonly onCrash: () => void;
}

/** Observes every write of the workers to the cluster, and kills the worker at a chosen write for a store. */
export interface CrashPoints {
  /** Records the writes from now on, as `METHOD path` without the names of the store. */
  record(namespace: string): { readonly writes: () => readonly string[] };
  /** Kills the worker immediately before or after the write with this index. */
  arm(namespace: string, armed: ArmedCrash): void;
  disarm(namespace: string): void;
  /** Starts a worker in place of the worker with this process id, which has been killed. */
  replace(pid: number): Promise<void>;
  close(): void;
}

export function openCrashPoints(environment: FaultEnvironment): CrashPoints {
  const counts = new Map<string, number>();
  const armed = new Map<string, ArmedCrash>();
  const recorded = new Map<string, string[]>();
  const indices = new WeakMap<KubeCall, number>();
  const replacing = new Map<number, Promise<void>>();

  function count(call: KubeCall): number {
    const namespace = call.namespace ?? '';
    const index = counts.get(namespace) ?? 0;
    counts.set(namespace, index + 1);
    indices.set(call, index);
    recorded.get(namespace)?.push(labelOf(call));
    return index;
  }

  function onWrite(worker: WorkerSlot, moment: CrashMoment, call: KubeCall): 'continue' | 'drop' {
    const namespace = call.namespace ?? '';
    const index = moment === 'before' ? count(call) : indices.get(call);
    const point = armed.get(namespace);
    if (point === undefined || point.index !== index || point.moment !== moment) return 'continue';
    armed.delete(namespace);
    point.onCrash();
    void replaceWorker(worker);
    return 'drop';
  }

  function replaceWorker(worker: WorkerSlot): Promise<void> {
    const pid = worker.pid();
    const running = replacing.get(pid);
    if (running !== undefined) return running;
    const replaced = (async () => {
      await worker.kill('SIGKILL');
      await worker.ensureAlive();
    })();
    replacing.set(pid, replaced);
    return replaced;
  }

  for (const worker of environment.workers)
    worker.cluster.setWriteHook((moment, call) => onWrite(worker, moment, call));

  return {
    record: (namespace) => {
      const writes: string[] = [];
      recorded.set(namespace, writes);
      return { writes: () => writes };
    },
    arm: (namespace, point) => {
      counts.set(namespace, 0);
      armed.set(namespace, point);
    },
    disarm: (namespace) => void armed.delete(namespace),
    replace: async (pid) => {
      const worker = environment.workers.find((candidate) => candidate.pid() === pid);
      if (worker !== undefined) await replaceWorker(worker);
    },
    close: () => {
      for (const worker of environment.workers) worker.cluster.setWriteHook(undefined);
    },
  };
}

function labelOf({ method, path, namespace }: KubeCall): string {
  const shortPath = path.replace(/\?.*$/, '').replace(/^\/apis?\//, '');
  const anonymous =
    namespace === undefined
      ? shortPath
      : shortPath.replaceAll(namespace, '…').replaceAll(namespace.replace(/^store-/, ''), '…');
  return `${method} ${anonymous}`;
}
