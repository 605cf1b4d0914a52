import { Client, Connection } from '@temporalio/client';
import closeWithGrace from 'close-with-grace';
import pRetry from 'p-retry';
import { loadConfig, type Config } from '../config/index.ts';
import { readStackEnv } from '../config/stack-env.ts';
import { migrateDatabase } from '../db/connection/migrate.ts';
import { postgresAnswerOf } from '../db/connection/postgres-answer.ts';
import { installationOf } from '../db/connection/installation.ts';
import { openDb, type OpenDatabase } from '../db/connection/open-db.ts';
import { createOrphanRecords } from '../db/reconcile/orphans.ts';
import { createRemovalRecords } from '../db/reconcile/removals.ts';
import { createUnaccountedRecords } from '../db/reconcile/unaccounted.ts';
import { createStores } from '../db/index.ts';
import { StoreError } from '../domain/failure.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { directToLoopback } from '../temporal/direct-connection.ts';
import { createStoreOperations } from '../temporal/store-operations.ts';
import { createApp } from './app.ts';
import { createHealth } from './health/health.ts';
import { assertLoopback } from './auth/loopback.ts';
import { listen } from './server.ts';
import { createStoreService } from './stores/service.ts';

/** Waits half a minute for a Postgres that is starting. After that the API ends with the reason. */
const DATABASE_RETRIES = { retries: 9, minTimeout: 250, maxTimeout: 5_000 };
/** Time to close the database pool and the Temporal connection after the last request. */
const CLOSING_MS = 5_000;

async function run(log: Logger, config: Config): Promise<void> {
  assertLoopback(config.HOST);
  const database = openDb({
    databaseUrl: config.databaseUrl,
    poolSize: config.DB_POOL_SIZE,
    applicationName: 'store-platform api',
    log,
  });
  const installation = await prepareDatabase(log, config.databaseUrl, database).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  // Lazy, so that the API accepts requests while Temporal is unavailable.
  const connection = Connection.lazy(directToLoopback(config.temporal.connectionOptions));
  const { namespace } = config.temporal;
  const operations = createStoreOperations(new Client({ connection, namespace }), installation);
  const webUi = { url: config.TEMPORAL_UI_URL, namespace };
  const health = createHealth({ database: () => database.ping(), temporal: () => operations.ping() });
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
  const app = createApp({ stores, orphans, admin, health, webUi, allowedOrigins: config.ALLOWED_ORIGINS, log });
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
  // Connects before the first request, and logs at once that Temporal does not answer.
  operations
    .ping()
    .catch(() => log.warn('Temporal does not answer: the API records stores and their runs start later'));
}

/**
 * Waits for Postgres, for a limited time, and applies the migrations. Returns the id of the installation.
 *
 * @throws Error in one sentence for the operator.
 */
async function prepareDatabase(log: Logger, databaseUrl: string, { db }: Pick<OpenDatabase, 'db'>): Promise<string> {
  async function prepare(): Promise<string> {
    await migrateDatabase(databaseUrl);
    return installationOf(db);
  }
  try {
    return await pRetry(prepare, {
      ...DATABASE_RETRIES,
      shouldRetry: ({ error }) => isUnavailable(error),
      onFailedAttempt: ({ error, retriesLeft }) => {
        if (isUnavailable(error)) log.warn({ retriesLeft }, 'waiting for the database');
      },
    });
  } catch (error) {
    const reason =
      error instanceof Error && !isUnavailable(error)
        ? error.message
        : (postgresAnswerOf(error) ?? 'it does not answer');
    throw new Error(
      `the database ${addressOf(databaseUrl)} can't be used: ${reason}. Set DATABASE_URL, or run "npm run stack" for a local database`,
      { cause: error },
    );
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'DATABASE_UNAVAILABLE';
}

/** Returns the host and the database of a connection string, without user and password. */
function addressOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'of DATABASE_URL';
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
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
