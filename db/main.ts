import { loadConfig } from '../config/index.ts';
import { readStackEnv } from '../config/stack-env.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { whileUnavailable } from './connection/await-database.ts';
import { migrateDatabase } from './connection/migrate.ts';

/** `npm run db:migrate`: applies the pending migrations to the database of the settings. */

let log: Logger | undefined;
try {
  const { databaseUrl, LOG_LEVEL: level } = loadConfig(process.env, await readStackEnv());
  const logger = createLogger({ service: 'migrate', level });
  log = logger;
  const applied = await whileUnavailable({ databaseUrl, log: logger }, () =>
    migrateDatabase(databaseUrl, { log: logger }),
  );
  log.info({ applied }, applied.length === 0 ? 'the database has every migration' : 'the database was migrated');
} catch (error) {
  log?.fatal({ err: error instanceof Error ? (error.cause ?? error) : error }, 'the database could not be migrated');
  process.stderr.write(`migrate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
