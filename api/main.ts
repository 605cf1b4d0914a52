import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import closeWithGrace from 'close-with-grace';
import { loadConfig, type Config } from '../config/index.ts';
import { readStackEnv } from '../config/stack-env.ts';
import { awaitDatabase } from '../db/connection/await-database.ts';
import { openDb, type Database } from '../db/connection/open-db.ts';
import { createOrphanRecords } from '../db/reconcile/orphans.ts';
import { createRemovalRecords } from '../db/reconcile/removals.ts';
import { createUnaccountedRecords } from '../db/reconcile/unaccounted.ts';
import { createStores } from '../db/index.ts';
import { createWebhookRecords } from '../db/webhooks/webhooks.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { directToLoopback } from '../temporal/direct-connection.ts';
import { checkTemporal, findMisconfiguration, type TemporalNamespace } from '../temporal/check-temporal.ts';
import { createStoreOperations } from '../temporal/store-operations.ts';
import { createAddressPolicy } from '../webhooks/address-policy.ts';
import { createSecretBox } from '../webhooks/secrets.ts';
import { createApp } from './app.ts';
import { createHealth } from './health/health.ts';
import { noAuthentication } from './auth/authenticator.ts';
import { assertLoopback } from './auth/loopback.ts';
import { listen } from './server.ts';
import { createStoreService } from './stores/service.ts';
import type { WebhookRoutes } from './webhooks/routes.ts';
import { createWebhookService } from './webhooks/service.ts';

/** Time to close the database pool and the Temporal connection after the last request. */
const CLOSING_MS = 5_000;

async function run(log: Logger, config: Config): Promise<void> {
  assertLoopback(config.HOST);
  const { databaseUrl } = config;
  const database = openDb({
    databaseUrl,
    poolSize: config.DB_POOL_SIZE,
    applicationName: 'store-platform api',
    log,
  });
  const installation = await awaitDatabase(database, { databaseUrl, log }).catch(async (error: unknown) => {
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
  const operations = createStoreOperations(new Client({ connection, namespace }), installation);
  const webUi = { url: config.TEMPORAL_UI_URL, namespace };
  const health = createHealth(
    {
      required: { database: () => database.ping() },
      optional: { temporal: () => checkTemporal({ connection, namespace }) },
    },
    { onUnexpected: (check, error) => log.error({ err: error, check }, 'a health check failed unexpectedly') },
  );
  const stores = createStoreService({
    records: createStores(database.db),
    operations,
    installation,
    addresses: { scheme: config.STORE_SCHEME, domain: config.STORE_DOMAIN, port: config.STORE_PORT },
    webUi,
    maxStores: config.MAX_STORES_PER_TENANT,
    undeleteWindowSeconds: config.UNDELETE_WINDOW_SECONDS,
    now: () => new Date(),
  });
  const orphans = {
    orphans: createOrphanRecords(database.db),
    maxRemovals: config.ORPHAN_MAX_REMOVALS,
    now: () => new Date(),
  };
  const admin = {
    unaccounted: createUnaccountedRecords(database.db),
    removals: createRemovalRecords(database.db),
    operations,
    now: () => new Date(),
  };
  const webhooks = webhooksOf(config, database.db);
  const app = createApp({
    stores,
    orphans,
    admin,
    webhooks,
    health,
    webUi,
    authenticators: [noAuthentication],
    allowedOrigins: config.ALLOWED_ORIGINS,
    log,
  });
  const server = await listen(app, { host: config.HOST, port: config.PORT }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });

  const graceMs = config.SHUTDOWN_GRACE_SECONDS * 1_000;
  closeWithGrace({ delay: graceMs + CLOSING_MS, logger: false }, async ({ signal, err }) => {
    if (err === undefined) log.info({ signal }, 'shutting down: the API answers the running requests first');
    else log.fatal({ err }, 'the API ends after an unexpected error');
    health.beginShutdown();
    await server.close(graceMs);
    await database.close();
    await connection.close();
  });
  log.info({ url: server.url, installation }, 'the API is listening');
}

const now = (): Date => new Date();

/** Without a key for the secrets, webhooks are off. */
function webhooksOf(config: Config, db: Database): WebhookRoutes {
  const { WEBHOOK_SECRET_KEY: secretKey, WEBHOOK_ALLOWED_NETWORKS: allowedNetworks } = config;
  if (secretKey === undefined) return { service: undefined, now };
  const service = createWebhookService({
    records: createWebhookRecords(db),
    secrets: createSecretBox(secretKey),
    policy: createAddressPolicy(allowedNetworks),
    newId: randomUUID,
    now,
  });
  return { service, now };
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
  log = createLogger({ service: 'api', level: config.LOG_LEVEL });
  for (const deprecation of config.deprecations) log.warn(deprecation);
  await run(log, config);
} catch (error) {
  reportStartFailure(error, log);
}
