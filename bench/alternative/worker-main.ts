import { setTimeout as delay } from 'node:timers/promises';
import { openDb } from '../../db/open-db.ts';
import { createStores } from '../../db/stores.ts';
import { PROFILES } from '../../workflows/activity-profiles.ts';
import { crashing, type CrashPoint } from './crash-point.ts';
import { startPlatformWorker } from './platform-worker.ts';
import { createRunStates } from './queue/run-state.ts';
import { startQueueWorker } from './queue/queue-worker.ts';
import { openSharedCluster } from './shared-cluster.ts';
import type { WorkerOrder, WorkerSettings } from './sides.ts';

/**
 * A worker of one side in a process of its own. It loads and then waits to be told over IPC to work, so that starting a process
 * is no part of what is measured; it is told where to die, too, and ends when its parent does.
 */

const settings = JSON.parse(process.env['BENCH_WORKER'] ?? '') as WorkerSettings; // written by `startWorkerProcess`
/** Both sides give a silent worker the same time. */
const DEAD_AFTER_MS = Number.parseInt(PROFILES.release.heartbeatTimeout, 10) * 1_000;

let point: CrashPoint | undefined;
const armed = (): CrashPoint | undefined => point;

process.once('disconnect', () => process.exit());
const told = new Promise<void>((resolve) => {
  process.on('message', (order: WorkerOrder) => {
    if (order.kind === 'work') return resolve();
    point = order.point;
    process.send?.('armed');
  });
});

const { db, pool } = openDb({
  databaseUrl: settings.databaseUrl,
  poolSize: 20,
  applicationName: `bench ${settings.side}`,
  log: { warn: () => undefined },
});
const stores = createStores(db);
const records = crashing(stores, armed);

process.send?.('loaded');
await told;
if (settings.side === 'platform') {
  await startPlatformWorker(settings, { pool, records, wrap: (cluster) => crashing(cluster, armed) });
} else {
  const cluster = (signal: AbortSignal) => {
    const pause = (ms: number) => delay(ms, undefined, { signal });
    return crashing(openSharedCluster({ pool, delayMs: settings.delayMs, pause }), armed);
  };
  await startQueueWorker({
    databaseUrl: settings.databaseUrl,
    pool,
    stores,
    records,
    runs: createRunStates(pool),
    cluster,
    now: () => new Date(),
    ...(settings.side === 'bare-queue' ? {} : { deadAfterMs: DEAD_AFTER_MS }),
  });
}
process.send?.('polling');
