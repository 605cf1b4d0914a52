import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import closeWithGrace from 'close-with-grace';
import pRetry from 'p-retry';
import { createActivities } from '../activities/index.ts';
import { loadConfig, type Config } from '../config/index.ts';
import { tracingFrom } from '../config/traces.ts';
import { readStackEnv } from '../config/stack-env.ts';
import { awaitDatabase } from '../db/connection/await-database.ts';
import { createClusterRecords } from '../db/clusters/cluster-records.ts';
import { openDb } from '../db/connection/open-db.ts';
import { createOrphanRecords } from '../db/reconcile/orphans.ts';
import { createPassPositions } from '../db/reconcile/pass-positions.ts';
import { createVerificationRecords } from '../db/reconcile/verification.ts';
import { createRetentionRecords } from '../db/reconcile/retention.ts';
import { createRemovalRecords } from '../db/reconcile/removals.ts';
import { createUnaccountedRecords } from '../db/reconcile/unaccounted.ts';
import { createReconcileRecords } from '../db/reconcile/reconcile-records.ts';
import { createConditionRecords } from '../db/stores/conditions.ts';
import { createStores } from '../db/index.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { openTracing, type Tracing } from '../telemetry/tracing/tracing.ts';
import { directToLoopback } from '../temporal/direct-connection.ts';
import { ensureReconcileSchedules } from '../temporal/schedules.ts';
import { checkTemporal, findMisconfiguration } from '../temporal/check-temporal.ts';
import { registerSearchAttributes } from '../temporal/register-search-attributes.ts';
import { createRunProgressReader } from '../temporal/run-progress.ts';
import { createStoreOperations } from '../temporal/store-operations.ts';
import { clientInterceptors } from '../temporal/trace-starts.ts';
import { findClusterMismatch } from './cluster-identity.ts';
import { clusterRegistration } from './cluster-registration.ts';
import { createWorkers } from './create-workers.ts';
import { healthOf, serveHealth } from './health-server.ts';
import { openMetrics } from './metrics/open-metrics.ts';
import type { WorkerMetrics } from './metrics/worker-metrics.ts';
import { openCluster } from './open-cluster.ts';
import { startUpkeep } from './upkeep.ts';
import { openWebhooks, type OpenWebhooks } from './webhooks.ts';
import { requireWorkflowBundle } from './workflow-bundle.ts';

/** Retries of the connections to the cluster and Temporal. The worker exits with an error after about a minute. */
const START_RETRIES = { retries: 10, minTimeout: 500, maxTimeout: 10_000 };
/** Time after the grace period to cancel activities and to close connections. */
const CLOSING_MS = 20_000;

const now = (): Date => new Date();

async function run(
  config: Config,
  {
    log,
    metrics,
    tracing,
  }: { readonly log: Logger; readonly metrics: WorkerMetrics | undefined; readonly tracing: Tracing | undefined },
): Promise<void> {
  const workflowBundle = await requireWorkflowBundle(config.WORKFLOW_BUNDLE);
  const context = requireKubeContext(config);
  // The pool connects with its first query, which runs after the wait for the database below.
  const database = openDb({
    databaseUrl: config.databaseUrl,
    poolSize: config.DB_POOL_SIZE,
    applicationName: 'store-platform worker',
    log,
  });
  metrics?.addPool(database.pool);
  const installation = await awaitDatabase(database, {
    databaseUrl: config.databaseUrl,
    log,
    installationId: config.INSTALLATION_ID,
  });
  const conditions = createConditionRecords(database.db);
  const cluster = await openCluster(config, {
    context,
    installation,
    conditions,
    onHelmRun: metrics?.onHelmRun,
    traceCall: tracing?.traceCall,
    env: process.env,
    now,
    log,
  });
  await waitFor('the cluster', log, () => cluster.checkAccess());
  const problems = await waitFor('the cluster', log, () => cluster.findSettingProblems());
  if (problems.length > 0) throw new Error(`the settings do not fit the cluster: ${problems.join('; ')}`);
  const registry = createClusterRecords(database.db);
  const mismatch = await waitFor('the cluster', log, () =>
    findClusterMismatch({ name: config.CLUSTER_NAME, describe: () => cluster.describe(), registry }),
  );
  if (mismatch !== undefined) throw new Error(mismatch);
  const temporal = await connectTemporal(config, { installation, tracing, log });
  const stores = createStores(database.db, metrics?.operations);
  const reconcileRecords = createReconcileRecords(database.db);
  const positions = createPassPositions(database.db);
  const operations = createStoreOperations(temporal.client, installation);
  const webhooks = await openWebhooksIfOn(config, {
    client: temporal.client,
    installation,
    countDeliveries: metrics?.countDeliveries,
    log,
  });
  const workers = await createWorkers({
    connection: temporal.native,
    namespace: config.temporal.namespace,
    installation,
    cluster: config.CLUSTER_NAME,
    workflowBundle,
    activities: createActivities({
      cluster: cluster.activities,
      records: { stores, now, holdSeconds: config.HOLD_SECONDS, maxRunning: config.MAX_RUNNING_PER_TENANT },
      lostRuns: {
        unstarted: stores,
        running: reconcileRecords,
        operations,
        progress: createRunProgressReader(temporal.client, installation),
        conditions,
        now,
      },
      verifications: {
        ...createVerificationRecords(database.db),
        positions,
        storesPerSecond: config.VERIFICATIONS_PER_SECOND,
        now,
      },
      retention: {
        ...createRetentionRecords(database.db),
        recordRetentionDays: config.RECORD_RETENTION_DAYS,
        auditRetentionDays: config.AUDIT_RETENTION_DAYS,
        now,
      },
      reconciler: {
        cluster: cluster.reconciler,
        stores: reconcileRecords,
        orphans: createOrphanRecords(database.db),
        unaccounted: createUnaccountedRecords(database.db),
        removals: createRemovalRecords(database.db),
        operations,
        driftPolicy: config.DRIFT_POLICY,
        positions,
        inspectionPace: { storesPerSecond: config.INSPECTIONS_PER_SECOND },
        orphanGraceSeconds: config.ORPHAN_GRACE_SECONDS,
        maxOrphanRemovals: config.ORPHAN_MAX_REMOVALS,
        now,
      },
      webhooks: webhooks?.activities,
    }),
    activityInterceptors: metrics === undefined ? [] : [metrics.activities],
    tracing,
    databaseConnections: config.DB_POOL_SIZE,
    clusterSlots: config.CLUSTER_SLOTS_PER_WORKER,
    watchSlots: config.WATCH_SLOTS_PER_WORKER,
    webhookSlots: config.WEBHOOK_SLOTS_PER_WORKER,
    clusterTasksPerSecond: config.MAX_CLUSTER_TASKS_PER_SECOND,
    shutdownGraceMs: config.SHUTDOWN_GRACE_SECONDS * 1000,
    deployment: config.deployment,
  });
  const health = await serveHealth({
    host: config.WORKER_HEALTH_HOST,
    port: config.WORKER_HEALTH_PORT,
    health: () => healthOf(workers),
    checks: {
      database: () => database.ping(),
      temporal: () => checkTemporal(temporal),
      cluster: () => cluster.ping(),
    },
    checkOptions: {
      onUnexpected: (check, error) => log.error({ err: error, check }, 'a health check failed unexpectedly'),
    },
    metrics: metrics && {
      page: metrics.page,
      onError: (error) => log.error({ err: error }, 'the metrics page could not be created'),
    },
  });
  const stopUpkeep = startUpkeep({
    temporal,
    registerCluster: clusterRegistration({
      name: config.CLUSTER_NAME,
      describe: () => cluster.describe(),
      registry,
      now,
    }),
    log,
  });
  const runs = workers.map((worker) => worker.run());
  log.info(
    {
      installation,
      cluster: config.CLUSTER_NAME,
      healthPort: config.WORKER_HEALTH_PORT,
      clusterSlots: config.CLUSTER_SLOTS_PER_WORKER,
      clusterTasksPerSecond: config.MAX_CLUSTER_TASKS_PER_SECOND,
    },
    'worker is polling',
  );

  const stopped = Promise.allSettled(runs);
  closeWithGrace(
    { delay: config.SHUTDOWN_GRACE_SECONDS * 1000 + CLOSING_MS, logger: false },
    async ({ signal, err }) => {
      if (err === undefined)
        log.info({ signal }, 'shutting down: running activities complete, or another worker retries them');
      else log.fatal({ err }, 'the worker stops after an unexpected error');
      webhooks?.stopDispatching();
      shutDown(workers);
      await stopped;
      health.close();
      stopUpkeep();
      await webhooks?.close();
      await temporal.close();
      await database.close();
      await tracing?.shutDown();
    },
  );
  try {
    await Promise.all(runs);
  } catch (error) {
    // When one worker fails, the process no longer polls its task queue. So the process stops, and its supervisor restarts it.
    shutDown(workers);
    await stopped;
    throw error;
  }
}

/** Returns undefined when webhooks are off. */
async function openWebhooksIfOn(
  config: Config,
  context: Pick<Parameters<typeof openWebhooks>[0], 'client' | 'installation' | 'countDeliveries' | 'log'>,
): Promise<OpenWebhooks | undefined> {
  const { WEBHOOK_SECRET_KEY: secretKey, WEBHOOK_ALLOWED_NETWORKS: allowedNetworks, databaseUrl } = config;
  if (secretKey === undefined) return undefined;
  return waitFor('Temporal', context.log, () => openWebhooks({ secretKey, allowedNetworks, databaseUrl, ...context }));
}

/** Returns the context of the cluster. @throws Error when it is not set. */
function requireKubeContext({ KUBE_CONTEXT: context }: Config): string {
  if (context !== undefined) return context;
  throw new Error(
    'KUBE_CONTEXT is not set. Set it to the context of the cluster to use, or run "npm run stack" for a local cluster.',
  );
}

/** Connects to Temporal, registers the search attributes, and creates or updates the schedules of the reconciler. */
async function connectTemporal(
  config: Config,
  {
    installation,
    tracing,
    log,
  }: { readonly installation: string; readonly tracing: Tracing | undefined; readonly log: Logger },
) {
  const { connectionOptions, namespace } = config.temporal;
  const native = await waitFor('Temporal', log, () => NativeConnection.connect(connectionOptions));
  const connection = await waitFor('Temporal', log, () => Connection.connect(directToLoopback(connectionOptions)));
  const client = new Client({ connection, namespace, interceptors: clientInterceptors(tracing) });
  const misconfiguration = await waitFor('Temporal', log, () => findMisconfiguration({ connection, namespace }));
  if (misconfiguration !== undefined) throw new Error(misconfiguration);
  await waitFor('Temporal', log, () => registerSearchAttributes(connection, namespace));
  await waitFor('Temporal', log, () =>
    ensureReconcileSchedules(client, {
      installation,
      cluster: config.CLUSTER_NAME,
      inspectEverySeconds: config.DRIFT_INTERVAL_SECONDS,
    }),
  );
  const close = async (): Promise<void> => {
    await connection.close();
    await native.close();
  };
  return { native, client, connection, namespace, close };
}

/** Repeats `attempt` until it succeeds. @throws the last error after the retries. */
function waitFor<T>(service: string, log: Logger, attempt: () => Promise<T>): Promise<T> {
  return pRetry(attempt, {
    ...START_RETRIES,
    onFailedAttempt: ({ error, retriesLeft }) => log.warn({ err: error, retriesLeft }, `waiting for ${service}`),
  });
}

function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}

let log: Logger | undefined;
try {
  const config = loadConfig(process.env, await readStackEnv());
  const tracing = await openTracing(tracingFrom(config, 'store-platform-worker'), {
    onError: (error) => log?.warn({ err: error }, 'traces could not be sent'),
  });
  log = createLogger({ service: 'worker', level: config.LOG_LEVEL, traceFields: tracing?.logFields });
  for (const deprecation of config.deprecations) log.warn(deprecation);
  await run(config, { log, metrics: await openMetrics(config, log), tracing });
} catch (error) {
  // Standard error gets one sentence. The log has the whole error.
  log?.fatal({ err: error }, 'the worker stopped because of an error');
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`worker: ${sentence}\n`);
  // An explicit exit: open connections and threads of the SDK would keep the process running.
  process.exit(1);
}
