import { join } from 'node:path';
import { withDatabase } from './database';
import { setting } from './environment';
import { eventually, messageOf } from './eventually';
import { findAsNoted, noteModules } from './modules';
import { requireFilled, requireMigrated } from './progress';
import { redisIsGone } from './redis';

/**
 * Starts Medusa as server or worker, like `medusa start`, at the right moment: `node src/setup/start.js`.
 *
 * Most of a start goes into loading six thousand modules, which needs neither database nor Redis. The server does that while
 * these are still coming up, and then waits until the set-up Job of this very release has migrated the database: Medusa exits
 * when its schema is missing, and new code must not meet the old schema. The worker, which no customer waits for, begins when
 * the database is migrated and starts when the shop is filled: on few processors it would hold up the server before, and on a
 * database without Medusa's defaults two processes that start at once could each make them.
 *
 * `node src/setup/start.js record FILE` starts it at once, notes what it loads and ends: when the image is built.
 */
const ROOT = process.cwd();
/** From the moment on when it may start. */
const START_MS = 180_000;

type Role = 'server' | 'worker';
// Loaded when it is their turn, and not with this file.
type Loaders = typeof import('@medusajs/medusa/loaders/index');
type StartCommand = typeof import('@medusajs/medusa/commands/start');

async function loadModules(role: Role): Promise<void> {
  const loadNoted = findAsNoted(join(ROOT, `modules-${role}.json`));
  // Flags are read where modules are loaded.
  const { initializeContainer } = require('@medusajs/medusa/loaders/index') as Loaders;
  await initializeContainer(ROOT, { skipDbConnection: true });
  loadNoted();
}

async function awaitSetup(isSo: typeof requireMigrated): Promise<void> {
  const seconds = Number(setting('SETUP_TIMEOUT_SECONDS'));
  await eventually(seconds, 'the set-up has not come that far in time', () =>
    withDatabase((database) => isSo(database, setting('SETUP_REVISION'))),
  );
}

async function start(): Promise<void> {
  const hung = setTimeout(() => {
    process.stderr.write(`Medusa has not started within ${START_MS / 1_000} s\n`);
    process.exit(1);
  }, START_MS);
  const { default: startMedusa } = require('@medusajs/medusa/commands/start') as StartCommand;
  await startMedusa({ directory: ROOT, port: Number(setting('PORT')), types: false });
  clearTimeout(hung);
}

/** The first process of a container ends at no signal that it does not handle. */
function leave(): void {
  process.exit(0);
}

/**
 * A Medusa that is told to end finishes what it is at, for which a worker needs Redis, and waits for that for ever. Of a store that is deleted
 * Redis goes first; nothing can be finished then.
 */
async function leaveWithRedis(): Promise<void> {
  await redisIsGone();
  say('ends, since Redis is gone');
  leave();
}

function say(text: string): void {
  process.stdout.write(`start: ${text}\n`);
}

async function main(): Promise<void> {
  const role: Role = process.env.MEDUSA_WORKER_MODE === 'worker' ? 'worker' : 'server';
  const [, , command, file] = process.argv;
  if (command === 'record' && file !== undefined) {
    const writeNotes = noteModules();
    await start();
    writeNotes(file);
    process.exit(0);
  }
  process.on('SIGTERM', leave);
  if (role === 'worker') await awaitSetup(requireMigrated);
  say('loads its modules');
  await loadModules(role);
  say(`waits until ${role === 'server' ? 'the database is migrated' : 'the shop is filled'}`);
  await awaitSetup(role === 'server' ? requireMigrated : requireFilled);
  say('starts Medusa');
  await start();
  process.off('SIGTERM', leave); // Medusa has its own by now
  process.once('SIGTERM', () => void leaveWithRedis());
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
});
