import { join } from 'node:path';
import { withDatabase } from './database';
import { setting } from './environment';
import { eventually, messageOf } from './eventually';
import { applyModuleRecord, recordModules } from './modules';
import { assertFilled, assertMigrated } from './progress';
import { waitUntilRedisIsGone } from './redis';

/**
 * Starts Medusa as server or worker, like `medusa start`, but waits for the setup Job: `node src/setup/start.js`.
 *
 * A start mostly loads six thousand modules, which needs neither Postgres nor Redis. The server loads them while these start. It
 * then waits until the setup Job of this release has migrated the database: Medusa exits when its schema is missing, and new
 * code must not use the old schema. The worker is not required for checkout. It loads its modules when the database is migrated,
 * because it would delay the server on few CPUs. It starts when the shop is filled, because two processes that start at once on
 * a database without Medusa's defaults could each create them.
 *
 * `node src/setup/start.js record FILE` starts Medusa at once, records the loaded modules and exits. The build of the image runs it.
 */
const ROOT = process.cwd();
/** Limit for the start of Medusa itself, without the wait for the setup Job. */
const START_TIMEOUT_MS = 180_000;

type Role = 'server' | 'worker';
// Type imports only: `loadModules` and `start` load these modules later.
type Loaders = typeof import('@medusajs/medusa/loaders/index');
type StartCommand = typeof import('@medusajs/medusa/commands/start');

async function loadModules(role: Role): Promise<void> {
  const loadRecorded = applyModuleRecord(join(ROOT, `modules-${role}.json`));
  // Modules read the feature flags when they are loaded, so this must come first.
  const { initializeContainer } = require('@medusajs/medusa/loaders/index') as Loaders;
  await initializeContainer(ROOT, { skipDbConnection: true });
  loadRecorded();
}

async function awaitSetup(assertProgress: typeof assertMigrated): Promise<void> {
  const seconds = Number(setting('SETUP_TIMEOUT_SECONDS'));
  await eventually(seconds, `timed out after ${seconds} s`, () =>
    withDatabase((database) => assertProgress(database, setting('SETUP_REVISION'))),
  );
}

async function start(): Promise<void> {
  const timeout = setTimeout(() => {
    process.stderr.write(`Medusa did not start within ${START_TIMEOUT_MS / 1_000} s\n`);
    process.exit(1);
  }, START_TIMEOUT_MS);
  const { default: startMedusa } = require('@medusajs/medusa/commands/start') as StartCommand;
  await startMedusa({ directory: ROOT, port: Number(setting('PORT')), types: false });
  clearTimeout(timeout);
}

/** Handles SIGTERM before Medusa has started. The kernel does not deliver an unhandled SIGTERM to process 1 of a container. */
function exit(): void {
  process.exit(0);
}

/**
 * Exits when Redis is gone. After SIGTERM Medusa finishes its jobs, needs Redis for that and waits for it without a limit. When a
 * store is deleted, Redis can stop before Medusa, and then no job can finish.
 */
async function exitWithoutRedis(): Promise<void> {
  await waitUntilRedisIsGone();
  log('exits, because Redis is gone');
  exit();
}

function log(text: string): void {
  process.stdout.write(`start: ${text}\n`);
}

async function main(): Promise<void> {
  const role: Role = process.env.MEDUSA_WORKER_MODE === 'worker' ? 'worker' : 'server';
  const [, , command, file] = process.argv;
  if (command === 'record' && file !== undefined) {
    const writeRecord = recordModules();
    await start();
    writeRecord(file);
    process.exit(0);
  }
  process.on('SIGTERM', exit);
  if (role === 'worker') await awaitSetup(assertMigrated);
  log('loads its modules');
  await loadModules(role);
  log(`waits until ${role === 'server' ? 'the database is migrated' : 'the shop is filled'}`);
  await awaitSetup(role === 'server' ? assertMigrated : assertFilled);
  log('starts Medusa');
  await start();
  process.off('SIGTERM', exit); // Medusa has installed its own handler
  process.once('SIGTERM', () => void exitWithoutRedis());
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
});
