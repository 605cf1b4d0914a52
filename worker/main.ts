import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import closeWithGrace from 'close-with-grace';
import pRetry from 'p-retry';
import { createActivities } from '../activities/index.ts';
import { createCluster } from '../activities/create-cluster.ts';
import { loadConfig, type Config } from '../config/index.ts';
import { readStackEnv } from '../config/stack-env.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDb } from '../db/open-db.ts';
import { createStores } from '../db/stores.ts';
import { createLogger, type Logger } from '../logging/logger.ts';
import { ensureReconcileSchedule } from '../temporal/reconcile-schedule.ts';
import { registerSearchAttributes } from '../temporal/register-search-attributes.ts';
import { createStoreOperations } from '../temporal/store-operations.ts';
import { createWorkers } from './create-workers.ts';
import { healthOf, serveHealth } from './health-server.ts';
import { installRuntime } from './runtime.ts';
import { requireWorkflowBundle } from './workflow-bundle.ts';

/** How long a worker waits for what it stands on before it gives up with a sentence: about a minute. */
const START_RETRIES = { retries: 10, minTimeout: 500, maxTimeout: 10_000 };

async function run(config: Config, log: Logger): Promise<void> {
  const workflowBundle = await requireWorkflowBundle(config.WORKFLOW_BUNDLE);
  const { KUBE_CONTEXT: context } = config;
  if (context === undefined) {
    throw new Error('KUBE_CONTEXT is not set: name the cluster to use, or run "npm run stack" for a local one');
  }
  const cluster = await createCluster({
    context,
    kubeconfig: config.KUBECONFIG,
    helmBin: config.HELM_BIN,
    chartsDir: config.CHARTS_DIR,
    readyDeadlineMs: config.READY_DEADLINE_SECONDS * 1000,
    values: { scheme: 'http', port: config.STORE_PORT },
    env: process.env,
  });
  const database = openDb({
    databaseUrl: config.databaseUrl,
    poolSize: config.DB_POOL_SIZE,
    applicationName: 'store-platform worker',
    log,
  });
  await pRetry(() => migrateDatabase(config.databaseUrl), START_RETRIES);

  const { connectionOptions, namespace } = config.temporal;
  const connection = await pRetry(() => NativeConnection.connect(connectionOptions), START_RETRIES);
  const clientConnection = await pRetry(() => Connection.connect(connectionOptions), START_RETRIES);
  const client = new Client({ connection: clientConnection, namespace });
  await registerSearchAttributes(clientConnection, namespace);
  await ensureReconcileSchedule(client);

  const stores = createStores(database.db);
  const now = () => new Date();
  const workers = await createWorkers({
    connection,
    namespace,
    workflowBundle,
    activities: createActivities({
      cluster,
      records: { stores, now },
      reconciliation: { listUnstarted: stores.listUnstarted, operations: createStoreOperations(client), now },
    }),
    helmSlots: config.HELM_SLOTS,
    shutdownGraceMs: config.SHUTDOWN_GRACE_SECONDS * 1000,
  });
  const health = await serveHealth(config.WORKER_HEALTH_PORT, () => healthOf(workers));

  const running = Promise.all(workers.map((worker) => worker.run()));
  const shutDown = async (): Promise<void> => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running.catch((error: unknown) => log.error({ err: error }, 'a worker did not stop cleanly'));
    health.close();
    await clientConnection.close();
    await connection.close();
    await database.close();
  };
  // Past the grace and the workers' own force time nothing more can be waited for.
  closeWithGrace({ delay: (config.SHUTDOWN_GRACE_SECONDS + 20) * 1000, logger: false }, async ({ signal, err }) => {
    if (err !== undefined) log.fatal({ err }, 'the worker ends after an unexpected error');
    else log.info({ signal }, 'shutting down: running work ends or is handed over');
    await shutDown();
  });
  log.info({ healthPort: config.WORKER_HEALTH_PORT, helmSlots: config.HELM_SLOTS, context }, 'worker is polling');
  await running;
}

const config = loadConfig(process.env, await readStackEnv());
const log = createLogger({ service: 'worker', level: config.LOG_LEVEL });
installRuntime(log);
try {
  await run(config, log);
} catch (error) {
  log.fatal({ err: error }, error instanceof Error ? error.message : 'the worker could not start');
  process.exitCode = 1;
}
