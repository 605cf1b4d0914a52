import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { temporalCluster } from './services/temporal-servers.ts';
import { startStack } from './start-stack.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'start-stack-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

function start(services: { readonly postgres: boolean; readonly temporal: boolean }, temporal = temporalCluster) {
  return startStack({
    stateDir: join(parent, 'state'),
    ports: 'free',
    services: { ...services, kubernetes: false },
    temporal,
    resolver: { resolveAll: () => Promise.reject(new Error('no tool may be resolved')) },
    report: () => undefined,
  });
}

test('a Temporal cluster is refused without the Postgres of the stack', async () => {
  await expect(start({ postgres: false, temporal: true })).rejects.toThrow(
    '"--temporal cluster" keeps its data in the Postgres of the stack, but DATABASE_URL or DB_HOST names another Postgres',
  );
  expect(existsSync(join(parent, 'state'))).toBe(false);
});

test('a Temporal server is refused on a machine that cannot run it, unless the stack does not start it', async () => {
  const impossible = { ...temporalCluster, requireMachine: () => Promise.reject(new Error('no such address')) };
  await expect(start({ postgres: true, temporal: true }, impossible)).rejects.toThrow('no such address');
  await expect(start({ postgres: true, temporal: false }, impossible)).rejects.toThrow('no tool may be resolved');
});
