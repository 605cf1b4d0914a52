import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { fakeApi } from '../test/harness/platform/fake-api.ts';
import { openApiText } from './openapi-document.ts';

const COMMITTED = fileURLToPath(new URL('openapi.json', import.meta.url));

/** `npm run openapi` sets this variable. Then the test writes the document and cannot fail. */
const isWriting = process.env['WRITE_OPENAPI'] === '1';

test('has committed the document of the routes: run `npm run openapi` after a change', async () => {
  const text = openApiText(fakeApi().app);
  if (isWriting) await writeFile(COMMITTED, text);
  expect(await readFile(COMMITTED, 'utf8')).toBe(text);
});

test('has no component that may be null, so that a client can name each resource', async () => {
  const { components } = JSON.parse(await readFile(COMMITTED, 'utf8')) as {
    components: { schemas: Record<string, { readonly type?: string | readonly string[] }> };
  };
  const nullable = Object.entries(components.schemas).filter(([, { type }]) => Array.isArray(type));
  expect(nullable.map(([name]) => name)).toEqual([]);
});
