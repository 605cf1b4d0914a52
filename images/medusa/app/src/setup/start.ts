import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import startMedusa from '@medusajs/medusa/commands/start';
import { initializeContainer } from '@medusajs/medusa/loaders/index';
import { withDatabase } from './database';
import { setting } from './environment';
import { eventually, messageOf } from './eventually';
import { noteStarted, requireMigrated, requireStarted } from './progress';

/**
 * Starts Medusa as server or worker, like `medusa start`, at the right moment: `node src/setup/start.js`.
 *
 * Two thirds of a start go into loading six thousand modules, which needs neither database nor Redis: that is done while
 * these are still coming up. Then the server waits until the set-up Job of this very release has migrated the database,
 * since Medusa exits when its schema is missing, and new code must not meet the old schema. The worker waits until the server
 * has started: on a database without Medusa's defaults, two processes that start at once could each make them.
 *
 * `node src/setup/start.js record FILE` starts it at once, writes the list of modules and ends: when the image is built.
 */
const ROOT = process.cwd();
/** From the moment on when it may start. */
const START_MS = 180_000;

type Role = 'server' | 'worker';

function modulesFile(role: Role): string {
  return join(ROOT, `modules-${role}.json`);
}

/** In the order in which a start has loaded them, which leaves out none that another one needs first. */
async function loadModules(role: Role): Promise<void> {
  // Flags are read where modules are loaded.
  await initializeContainer(ROOT, { skipDbConnection: true });
  const file = modulesFile(role);
  if (!existsSync(file)) return;
  for (const module of JSON.parse(readFileSync(file, 'utf8')) as readonly string[]) require(join(ROOT, module));
}

async function awaitTurn(role: Role): Promise<void> {
  const revision = setting('SETUP_REVISION');
  const isTurn = role === 'server' ? requireMigrated : requireStarted;
  await eventually(Number(setting('SETUP_TIMEOUT_SECONDS')), 'the set-up has not come that far in time', () =>
    withDatabase((database) => isTurn(database, revision)),
  );
}

async function start(): Promise<void> {
  const hung = setTimeout(() => {
    process.stderr.write(`Medusa has not started within ${START_MS / 1_000} s\n`);
    process.exit(1);
  }, START_MS);
  await startMedusa({ directory: ROOT, port: Number(setting('PORT')), types: false });
  clearTimeout(hung);
}

/** The first process of a container ends at no signal that it does not handle. */
function leave(): void {
  process.exit(0);
}

async function main(): Promise<void> {
  const role: Role = process.env.MEDUSA_WORKER_MODE === 'worker' ? 'worker' : 'server';
  const [, , command, file] = process.argv;
  if (command === 'record' && file !== undefined) {
    await start();
    writeFileSync(file, JSON.stringify(Object.keys(require.cache).map((path) => relative(ROOT, path))));
    process.exit(0);
  }
  process.on('SIGTERM', leave);
  await loadModules(role);
  await awaitTurn(role);
  await start();
  process.off('SIGTERM', leave); // Medusa has its own by now
  if (role === 'server') await withDatabase((database) => noteStarted(database, setting('SETUP_REVISION')));
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
});
