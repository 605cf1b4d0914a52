import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSetupUrl } from './setup-url.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'setup-url-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('waits until the API listens, and returns the link that it logged before', async () => {
  const file = join(folder, 'api.log');
  await writeFile(file, '{"msg":"request"}\n');
  const url = readSetupUrl(file);
  await appendFile(file, '{"setupUrl":"http://127.0.0.1:3001/setup?token=x"}\n{"msg":"the API is listening"}\n');
  expect(await url).toBe('http://127.0.0.1:3001/setup?token=x');
});

test('returns undefined for an API that has an operator', async () => {
  const file = join(folder, 'other.log');
  await writeFile(file, '{"msg":"the API is listening"}\n');
  expect(await readSetupUrl(file)).toBeUndefined();
});
