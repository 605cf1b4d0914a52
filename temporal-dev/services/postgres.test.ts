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

/** Starts Postgres on a data folder with these files: name to content. */
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

test('refuses a database of another major version', async () => {
  await expect(startOn({ PG_VERSION: '15\n' })).rejects.toThrow(
    /was created by Postgres 15, but this is Postgres 18: run "npm run reset"/,
  );
});

test('refuses a data folder without PG_VERSION', async () => {
  await expect(startOn({})).rejects.toThrow(/is damaged \(no PG_VERSION\): run "npm run reset"/);
});

test('fails with the log of Postgres when the database is damaged', async () => {
  await expect(startOn({ PG_VERSION: '18\n' })).rejects.toThrow(
    /postgres exited with code \d+ before it was ready: fix the error in its log[\s\S]*postgres\.log/,
  );
});
