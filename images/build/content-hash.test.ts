import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { contentHash, contextFiles } from './content-hash.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'context-'));
  await mkdir(join(folder, 'app/node_modules'), { recursive: true });
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch');
  await writeFile(join(folder, 'app/start.sh'), 'true');
  await writeFile(join(folder, 'app/start.test.ts'), '');
  await writeFile(join(folder, 'app/node_modules/x.js'), '');
});
afterEach(() => rm(folder, { recursive: true }));

async function hash(facts: Readonly<Record<string, string>> = {}): Promise<string> {
  const files = await contextFiles(folder);
  return contentHash(
    files.map((path) => ({ path, source: join(folder, path) })),
    facts,
  );
}

test('a context contains no tests and no node_modules', async () => {
  expect(await contextFiles(folder)).toEqual(['Dockerfile', 'app/start.sh']);
});

test('the same content has the same hash', async () => {
  expect(await hash()).toBe(await hash());
});

test.each<[string, () => Promise<void>]>([
  ['a file', () => writeFile(join(folder, 'Dockerfile'), 'FROM base')],
  ['a new file', () => writeFile(join(folder, 'app/more'), '')],
  ['the executable bit of a file', () => chmod(join(folder, 'app/start.sh'), 0o755)],
])('%s changes the hash', async (_name, change) => {
  const before = await hash();
  await change();
  expect(await hash()).not.toBe(before);
});

test('another base image changes the hash', async () => {
  expect(await hash({ base: 'a' })).not.toBe(await hash({ base: 'b' }));
});
