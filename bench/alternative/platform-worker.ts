import { NativeConnection } from '@temporalio/worker';
import { beating, pause } from '../../activities/attempt.ts';
import { createActivities, type ActivityDependencies } from '../../activities/index.ts';
import type { RunRecords } from '../../activities/store-records.ts';
import { createLogger } from '../../logging/logger.ts';
import { createWorkers } from '../../worker/create-workers.ts';
import { installRuntime } from '../../worker/runtime.ts';
import { openSharedCluster, type ProvisionCluster } from './shared-cluster.ts';
import type { WorkerSettings } from './sides.ts';
import type { Pool } from 'pg';

const HELM_SLOTS = 16;
const SHUTDOWN_GRACE_MS = 1_000;

/** The platform's own worker, with the shared cluster in the place of Kubernetes. */
export async function startPlatformWorker(
  settings: WorkerSettings,
  {
    pool,
    records,
    wrap,
  }: {
    readonly pool: Pool;
    readonly records: RunRecords;
    readonly wrap: (cluster: ProvisionCluster) => ProvisionCluster;
  },
): Promise<void> {
  installRuntime(createLogger({ service: 'worker', level: 'silent' }));
  const cluster = wrap(openSharedCluster({ pool, delayMs: settings.delayMs, pause }));
  const workers = await createWorkers({
    connection: await NativeConnection.connect({ address: settings.temporalAddress }),
    namespace: settings.temporalNamespace,
    workflowBundle: { codePath: settings.workflowBundle },
    activities: createActivities(
      standingOn({ cluster: heartbeating(cluster), records: { stores: records, now: () => new Date() } }),
    ),
    helmSlots: HELM_SLOTS,
    shutdownGraceMs: SHUTDOWN_GRACE_MS,
  });
  for (const worker of workers) void worker.run();
}

/** What the activities of other operations stand on is never called: anything may take its place. */
function standingOn(used: {
  readonly cluster: ProvisionCluster;
  readonly records: ActivityDependencies['records'];
}): ActivityDependencies {
  const nothing: object = new Proxy(() => undefined, { get: () => nothing });
  return new Proxy(used, {
    get: (target, property) => (property in target ? Reflect.get(target, property) : nothing),
  }) as ActivityDependencies;
}

/** As the activities on a real cluster do. */
function heartbeating(cluster: ProvisionCluster): ProvisionCluster {
  return new Proxy(cluster, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (input: unknown) => beating(async (): Promise<unknown> => Reflect.apply(member, target, [input]));
    },
  });
}
