import { Client, Connection } from '@temporalio/client';
import closeWithGrace from 'close-with-grace';
import { loadConfig, type Config } from '../config/index.ts';
import { tracingFrom } from '../config/traces.ts';
import { readStackEnv } from '../config/stack-env.ts';
import { awaitDatabase } from '../db/connection/await-database.ts';
import { listenForChanges } from '../db/connection/listener.ts';
import { openDb } from '../db/connection/open-db.ts';
import { createPeopleRecords, type PeopleRecords } from '../db/identity/people.ts';
import { createOrphanRecords } from '../db/reconcile/orphans.ts';
import { createRemovalRecords } from '../db/reconcile/removals.ts';
import { createUnaccountedRecords } from '../db/reconcile/unaccounted.ts';
import { createClusterRecords } from '../db/clusters/cluster-records.ts';
import { createStatisticsRecords } from '../db/statistics/statistics.ts';
import { createAdminRecords } from '../db/admin/admin-records.ts';
import { createAuditRecords } from '../db/audit/audit-records.ts';
import { createQuotaRecords } from '../db/stores/quota-records.ts';
import { createFleetRecords } from '../db/fleet/fleet-records.ts';
import { createStores, createTokenReads } from '../db/index.ts';
import { createTenancyRecords } from '../db/tenancy/index.ts';
import type { AuditSink } from '../domain/ports/audit.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { serveMetrics, type MetricsServer } from '../telemetry/metrics/metrics-server.ts';
import { openTracing, type Tracing } from '../telemetry/tracing/tracing.ts';
import { directToLoopback } from '../temporal/direct-connection.ts';
import { checkTemporal, findMisconfiguration, type TemporalNamespace } from '../temporal/check-temporal.ts';
import { createScheduleControl } from '../temporal/schedule-control.ts';
import { createStoreOperations } from '../temporal/store-operations.ts';
import { clientInterceptors } from '../temporal/trace-starts.ts';
import { createApp } from './app.ts';
import { createEventHub, type EventHub } from './events/hub.ts';
import { createLiveProgress } from './events/live.ts';
import { createHealth } from './health/health.ts';
import { DEFAULT_TENANT } from './auth/authenticator.ts';
import { assertLoopback } from './auth/loopback.ts';
import { createTokenAuthenticator } from './auth/token-authenticator.ts';
import { hashPassword } from './auth/passwords.ts';
import { createIdentification } from './identity/identity.ts';
import { identitySettings } from './identity/settings.ts';
import { newSetupLink } from './identity/setup-link.ts';
import { createApiMetrics, type ApiMetrics } from './metrics/api-metrics.ts';
import { createRequestLimits } from './limits/request-limits.ts';
import { listen } from './server.ts';
import type { CredentialAccess } from './stores/credentials.ts';
import { lazyCredentialReader } from './stores/lazy-credential-reader.ts';
import { createStoreService } from './stores/service.ts';
import { createTenancy } from './tenants/create-tenancy.ts';
import { openWebhookService } from './webhooks/open.ts';

/** Time to close the database pool and the Temporal connection after the last request. */
const CLOSING_MS = 5_000;
const now = () => new Date();

async function run(log: Logger, config: Config, tracing: Tracing | undefined): Promise<void> {
  assertLoopback(config);
  const { databaseUrl } = config;
  const database = openDb({
    databaseUrl,
    poolSize: config.DB_POOL_SIZE,
    applicationName: 'store-platform api',
    log,
  });
  const installation = await awaitDatabase(database, {
    databaseUrl,
    log,
    installationId: config.INSTALLATION_ID,
    actsForTenants: true,
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  // Lazy, so that the API accepts requests while Temporal is unavailable.
  const connection = Connection.lazy(directToLoopback(config.temporal.connectionOptions));
  const { namespace } = config.temporal;
  await refuseMisconfiguration({ connection, namespace }, log).catch(async (error: unknown) => {
    await Promise.all([database.close(), connection.close()]);
    throw error;
  });
  const temporal = new Client({ connection, namespace, interceptors: clientInterceptors(tracing) });
  const operations = createStoreOperations(temporal, installation);
  const webUi = { url: config.TEMPORAL_UI_URL, namespace };
  const health = createHealth(
    {
      required: { database: () => database.ping() },
      optional: { temporal: () => checkTemporal({ connection, namespace }) },
    },
    { onUnexpected: (check, error) => log.error({ err: error, check }, 'a health check failed unexpectedly') },
  );
  const records = createStores(database.db);
  const changes = followChanges(config, log);
  const live = createLiveProgress({
    hub: changes.hub,
    records,
    maxStreams: config.MAX_STREAMS_PER_CALLER,
    now,
  });
  const stores = createStoreService({
    records,
    operations,
    installation,
    addresses: { scheme: config.STORE_SCHEME, domain: config.STORE_DOMAIN, port: config.STORE_PORT },
    webUi,
    maxStores: config.MAX_STORES_PER_TENANT,
    undeleteWindowSeconds: config.UNDELETE_WINDOW_SECONDS,
    now,
  });
  const orphans = {
    orphans: createOrphanRecords(database.db),
    maxRemovals: config.ORPHAN_MAX_REMOVALS,
    now,
  };
  const admin = {
    unaccounted: createUnaccountedRecords(database.db),
    removals: createRemovalRecords(database.db),
    operations,
    records: createAdminRecords(database.db),
    clusters: createClusterRecords(database.db),
    statistics: createStatisticsRecords(database.db),
    schedules: createScheduleControl(temporal, installation),
    now,
  };
  const auditLog = createAuditRecords(database.db);
  const people = createPeopleRecords(database);
  const identification = createIdentification({
    ...identitySettings(config),
    people,
    audit: auditLog,
    now,
    onUnexpected: (error) => log.error({ err: error }, 'the use of a session could not be recorded'),
  });
  const quotas = createQuotaRecords(database.db, {
    maxStores: config.MAX_STORES_PER_TENANT,
    maxRunning: config.MAX_RUNNING_PER_TENANT,
  });
  const limits = createRequestLimits({
    pool: database.pool,
    settings: {
      perAddress: config.REQUESTS_PER_MINUTE_PER_ADDRESS,
      readsPerPrincipal: config.READS_PER_MINUTE_PER_PRINCIPAL,
      changesPerTenant: config.CHANGES_PER_MINUTE_PER_TENANT,
    },
    limitOfTenant: (tenantId) => quotas.requestLimitOf(tenantId),
    nowMs: Date.now,
  });
  const tenants = createTenancyRecords(database.db);
  await tenants.ensureTenant({ id: DEFAULT_TENANT, name: DEFAULT_TENANT, now: now() }).catch(async (error: unknown) => {
    await Promise.all([database.close(), connection.close()]);
    throw error;
  });
  const metrics =
    config.METRICS === 'off'
      ? undefined
      : createApiMetrics({
          pool: database.pool,
          slots: live.slots,
          fleet: createFleetRecords(database.db),
          onError: (error) => log.warn({ err: error }, 'the metrics about all stores could not be read'),
        });
  const tokenAuthenticator = createTokenAuthenticator({
    tokens: tenants,
    reads: createTokenReads(database.db),
    now,
    onUnexpected: (error) => log.warn({ err: error }, 'the use of an API token could not be recorded'),
  });
  const tenancy = createTenancy(tenants, {
    maxTokenDays: config.TOKEN_MAX_LIFETIME_DAYS,
    publicUrl: config.PUBLIC_URL,
    hashPassword: config.AUTH.includes('local') ? hashPassword : undefined,
    now,
  });
  const app = createApp({
    stores,
    live,
    orphans,
    admin,
    tenancy,
    devices: tenants,
    credentials: credentialAccess(config, installation, auditLog),
    webhooks: openWebhookService(config, database.db),
    auditLog,
    quotas,
    limits,
    requests: metrics?.requests,
    tracing,
    health,
    webUi,
    identification,
    authenticators: [tokenAuthenticator, ...identification.authenticators],
    allowedOrigins: [...config.ALLOWED_ORIGINS, ...(config.PUBLIC_URL === undefined ? [] : [config.PUBLIC_URL])],
    corsOrigins: config.CORS_ORIGINS,
    trustedProxyHops: config.TRUSTED_PROXY_HOPS,
    log,
  });
  const closeSources = async (): Promise<void> => {
    await Promise.all([changes.close(), database.close(), connection.close()]);
  };
  const server = await listen(app, { host: config.HOST, port: config.PORT }).catch(async (error: unknown) => {
    await closeSources();
    throw error;
  });
  const metricsServer = await serveIfOn(metrics, config, log).catch(async (error: unknown) => {
    await server.close(0);
    await closeSources();
    throw error;
  });

  const graceMs = config.SHUTDOWN_GRACE_SECONDS * 1_000;
  closeWithGrace({ delay: graceMs + CLOSING_MS, logger: false }, async ({ signal, err }) => {
    if (err === undefined) log.info({ signal }, 'shutting down: the API answers the running requests first');
    else log.fatal({ err }, 'the API ends after an unexpected error');
    health.beginShutdown();
    // Streams have no end of their own. Their clients come back to another process.
    changes.hub.shutDown();
    await server.close(graceMs);
    await metricsServer?.close();
    await changes.close();
    await database.close();
    await connection.close();
    await tracing?.shutDown();
  });
  if (config.AUTH === 'none') log.warn('authentication is off: every request acts as an operator');
  else if (config.AUTH.includes('local')) await logSetupLink(people, config.PUBLIC_URL ?? forBrowsers(server.url), log);
  log.info(
    { url: server.url, metricsUrl: metricsServer?.url, installation, authentication: config.AUTH },
    'the API is listening',
  );
}

/** Serves the metrics on an address of their own. Undefined: METRICS is `off`. */
async function serveIfOn(
  metrics: ApiMetrics | undefined,
  { METRICS_HOST: host, METRICS_PORT: port }: Config,
  log: Logger,
): Promise<MetricsServer | undefined> {
  if (metrics === undefined) return undefined;
  const onError = (error: unknown): void => log.error({ err: error }, 'the metrics page could not be created');
  return serveMetrics({ host, port, page: metrics.page, onError });
}

/** Returns the address of the API for a browser on this machine. */
function forBrowsers(serverUrl: string): string {
  return serverUrl.replace(/\/\/(0\.0\.0\.0|\[::\]):/, '//localhost:');
}

/** Logs the link with which the first operator is created. `npm start` shows it. */
async function logSetupLink(people: PeopleRecords, origin: string, log: Logger): Promise<void> {
  try {
    const setupUrl = await newSetupLink(people, { origin, now: new Date() });
    if (setupUrl !== undefined) log.warn({ setupUrl }, 'the platform has no operator: open setupUrl within 24 hours');
  } catch (error) {
    log.error({ err: error }, 'the setup link could not be created: start the API again to create the first operator');
  }
}

/** Returns the access to the credentials of stores. The API needs the clusters for nothing else. */
function credentialAccess(
  { KUBE_CONTEXT: ownContext, KUBECONFIG: kubeconfig, CLUSTER_NAME: ownCluster, CLUSTER_CONTEXTS: others }: Config,
  installation: string,
  audit: AuditSink,
): CredentialAccess {
  const contexts = ownContext === undefined ? others : new Map([...others, [ownCluster, ownContext]]);
  const readers = [...contexts].map(([cluster, context]) => {
    const reader = lazyCredentialReader(async () => {
      const { openCredentialReader } = await import('../activities/namespace/credential-reader.ts');
      return openCredentialReader({ context, kubeconfig, env: process.env }, { installation });
    });
    return [cluster, reader] as const;
  });
  return { readers: new Map(readers), audit };
}

/** Creates the hub of the process, and wakes its readers whenever another process or this one has changed a store. */
function followChanges(config: Config, log: Logger): { readonly hub: EventHub; readonly close: () => Promise<void> } {
  const hub = createEventHub({ isListening: () => listener.isListening() });
  const listener = listenForChanges({
    databaseUrl: config.DATABASE_LISTEN_URL ?? config.databaseUrl,
    applicationName: 'store-platform api listener',
    onChange: hub.changed,
    onGap: hub.wakeAll,
    log,
  });
  return { hub, close: listener.close };
}

/**
 * Checks the namespace of Temporal. The API starts without a Temporal that answers, because it accepts creates without it.
 *
 * @throws Error in one sentence when an operator must change something before a run can start.
 */
async function refuseMisconfiguration(temporal: TemporalNamespace, log: Logger): Promise<void> {
  const misconfiguration = await findMisconfiguration(temporal).catch((error: unknown) => {
    log.warn({ err: error }, 'Temporal cannot be used: the API records stores and their runs start later');
    return undefined;
  });
  if (misconfiguration !== undefined) throw new Error(misconfiguration);
}

/** Prints one sentence for the operator and logs the cause. */
function reportStartFailure(error: unknown, log?: Logger): void {
  const sentence = error instanceof Error ? error.message : String(error);
  log?.fatal({ err: error instanceof Error ? (error.cause ?? error) : error }, 'the API could not start');
  process.stderr.write(`API: ${sentence}\n`);
  process.exitCode = 1;
}

let log: Logger | undefined;
try {
  const config = loadConfig(process.env, await readStackEnv());
  const tracing = await openTracing(tracingFrom(config, 'store-platform-api'), {
    onError: (error) => log?.warn({ err: error }, 'traces could not be sent'),
  });
  log = createLogger({ service: 'api', level: config.LOG_LEVEL, traceFields: tracing?.logFields });
  for (const deprecation of config.deprecations) log.warn(deprecation);
  await run(log, config, tracing);
} catch (error) {
  reportStartFailure(error, log);
}
