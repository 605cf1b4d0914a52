import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

test('has the types of the committed OpenAPI document: run `npm run openapi` after a change', async () => {
  const { scripts } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> };
  const toStandardOutput = scripts['client:types']?.replace(/ -o \S+$/, '') ?? '';
  const { stdout } = await execa(toStandardOutput, { cwd: ROOT, shell: true });
  expect(await readFile(`${ROOT}client/schema.d.ts`, 'utf8')).toContain(stdout.trim().slice(0, 200));
  expect((await readFile(`${ROOT}client/schema.d.ts`, 'utf8')).trim()).toBe(stdout.trim());
});
