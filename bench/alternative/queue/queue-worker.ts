import { EventEmitter } from 'node:events';
import { Logger, run, type WorkerEvents } from 'graphile-worker';
import type { Pool } from 'pg';
import { keepAlive } from './dead-workers.ts';
import { createProvisionTask, type ProvisionDependencies } from './provision-task.ts';
import { createUndoTask } from './undo-task.ts';

/** As many as the platform's worker starts on the cluster at once. */
const CONCURRENCY = 16;
const MAX_CONNECTIONS = 10;

/** Starts to work on the queue. Without `deadAfterMs`, jobs of dead workers are left to the queue's own 4 hours. */
export async function startQueueWorker({
  databaseUrl,
  pool,
  deadAfterMs,
  ...deps
}: ProvisionDependencies & {
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly deadAfterMs?: number;
}): Promise<void> {
  const events: WorkerEvents = new EventEmitter();
  const created = new Promise<string>((resolve) => {
    events.once('pool:create', ({ workerPool }) => resolve(workerPool.id));
  });
  await run({
    connectionString: databaseUrl,
    maxPoolSize: MAX_CONNECTIONS,
    concurrency: CONCURRENCY,
    events,
    logger: new Logger(() => () => undefined),
    taskList: {
      provision: createProvisionTask(deps),
      'undo-provision': createUndoTask(deps),
    },
  });
  if (deadAfterMs !== undefined) keepAlive(pool, { poolId: await created, deadAfterMs });
}
