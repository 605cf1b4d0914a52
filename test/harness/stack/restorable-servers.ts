import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateDatabase } from '../../../db/connection/migrate.ts';
import { openStateFolder, removeStateFolder } from '../../../temporal-dev/processes/state-folder.ts';
import { startStack, type Stack } from '../../../temporal-dev/start-stack.ts';
import { createToolResolver } from '../../../temporal-dev/tools/tool-resolver.ts';
import { stackService } from '../../faults/environment/stack-service.ts';
import { removeAbandonedStacks } from '../abandoned-stacks.ts';
import { restorablePostgres, type RestorablePostgres } from './restorable-postgres.ts';

const FOLDER_PREFIX = 'store-platform-restore-';

/** The Temporal server of a private stack, which can be restored to an earlier state. */
export interface RestorableTemporal {
  /** Copies the databases of the server, which stops for it. */
  backUp(): Promise<void>;
  /** Loses the server, and starts it again from the last copy. */
  restore(): Promise<void>;
}

/** Postgres and Temporal of one test file, which can be restored to earlier states. */
export interface RestorableServers {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly postgres: RestorablePostgres;
  readonly temporal: RestorableTemporal;
  stop(): Promise<void>;
}

/** Starts the servers with the programs of the test stack, and migrates the database. */
export async function startRestorableServers(): Promise<RestorableServers> {
  await removeAbandonedStacks(FOLDER_PREFIX);
  const stateDir = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  const report = (message: string): void => void process.stderr.write(`[restorable servers] ${message}\n`);
  const stack = await startStack({
    stateDir,
    ports: 'free',
    services: { postgres: true, temporal: true, kubernetes: false },
    resolver: createToolResolver({ env: process.env, report }),
    report,
    durable: true, // a restore loses no more than it should
  });
  const databaseUrl = stack.env['DATABASE_URL'] ?? '';
  const postgres = await restorablePostgres(stack);
  await migrateDatabase(databaseUrl);
  return {
    databaseUrl,
    temporalAddress: stack.env['TEMPORAL_ADDRESS'] ?? '',
    temporalNamespace: stack.env['TEMPORAL_NAMESPACE'] ?? '',
    postgres,
    temporal: restorableTemporal(stack),
    stop: async () => {
      await stack.stop();
      await removeStateFolder(openStateFolder(stateDir));
    },
  };
}

function restorableTemporal(stack: Stack): RestorableTemporal {
  const home = join(stack.folder.path, 'temporal');
  const copies = join(home, 'copies');
  const service = stackService(stack, 'temporal');

  /** SQLite keeps its latest writes in files beside the database. */
  function copyFiles(from: string, to: string): void {
    for (const file of databaseFiles(from)) copyFileSync(join(from, file), join(to, file));
  }

  async function backUp(): Promise<void> {
    rmSync(copies, { recursive: true, force: true });
    mkdirSync(copies);
    await service.crash();
    copyFiles(home, copies);
    await service.start();
  }

  async function restore(): Promise<void> {
    await service.crash();
    for (const file of databaseFiles(home)) rmSync(join(home, file));
    copyFiles(copies, home);
    await service.start();
  }

  return { backUp, restore };
}

function databaseFiles(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('temporal.db'));
}
