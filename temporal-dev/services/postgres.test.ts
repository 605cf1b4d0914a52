import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePorts } from '../processes/ports.ts';
import { startPostgres } from './postgres.ts';
import { openStateFolder } from '../processes/state-folder.ts';
import { createSupervisor } from '../processes/supervisor.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'postgres-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** Starts Postgres on a data folder that holds the given files. */
async function startOn(files: Readonly<Record<string, string>>): Promise<unknown> {
  const folder = openStateFolder(join(parent, 'state'));
  const dataDir = join(folder.path, 'postgres', 'data');
  mkdirSync(dataDir, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dataDir, name), content);
  const supervisor = createSupervisor(folder);
  const signal = new AbortController().signal;
  try {
    return await startPostgres({
      supervisor,
      folder,
      ports: await freePorts(),
      toolPath: String,
      signal,
      durable: false,
      report: () => undefined,
    });
  } finally {
    await supervisor.stopAll();
  }
}

test('a database of another major version is told, and left as it is', async () => {
  await expect(startOn({ PG_VERSION: '15\n' })).rejects.toThrow(
    /was made by Postgres 15, this is Postgres 18: run "npm run reset"/,
  );
});

test('a data folder that is no database is told', async () => {
  await expect(startOn({})).rejects.toThrow(/is damaged \(no PG_VERSION\): run "npm run reset"/);
});

test('a damaged database is told with what Postgres says', async () => {
  await expect(startOn({ PG_VERSION: '18\n' })).rejects.toThrow(
    /postgres ended with code \d+ before it was ready\.[\s\S]*postgres\.log/,
  );
});
