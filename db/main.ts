import { loadConfig } from '../config/index.ts';
import { readStackEnv } from '../config/stack-env.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { whileUnavailable } from './connection/await-database.ts';
import { installationOf, requireInstallation } from './connection/installation.ts';
import { migrateDatabase } from './connection/migrate.ts';
import { openDb } from './connection/open-db.ts';

/**
 * `npm run db:migrate`: applies the pending migrations to the database of the settings. With INSTALLATION_ID, gives this id to a new
 * database, and changes nothing in a database that has another one.
 */

/** Migrates the database of the installation `id`, and no other one. */
async function migrateInstallation(id: string, databaseUrl: string, logger: Logger): Promise<readonly string[]> {
  const database = openDb({ databaseUrl, poolSize: 1, applicationName: 'store-platform migrate', log: logger });
  try {
    await requireInstallation(database.pool, id);
    const applied = await migrateDatabase(databaseUrl, { log: logger });
    await installationOf(database.db, id);
    return applied;
  } finally {
    await database.close();
  }
}

let log: Logger | undefined;
try {
  const {
    databaseUrl,
    INSTALLATION_ID: installationId,
    LOG_LEVEL: level,
  } = loadConfig(process.env, await readStackEnv());
  const logger = createLogger({ service: 'migrate', level });
  log = logger;
  const applied = await whileUnavailable({ databaseUrl, log: logger }, () =>
    installationId === undefined
      ? migrateDatabase(databaseUrl, { log: logger })
      : migrateInstallation(installationId, databaseUrl, logger),
  );
  log.info({ applied }, applied.length === 0 ? 'the database has every migration' : 'the database was migrated');
} catch (error) {
  log?.fatal({ err: error instanceof Error ? (error.cause ?? error) : error }, 'the database could not be migrated');
  process.stderr.write(`migrate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
