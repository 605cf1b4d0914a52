import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { listen } from '../api/server.ts';
import { fakeApi } from '../test/harness/platform/fake-api.ts';
import { parseDocument } from './commands/apply-document.ts';
import { runProgram } from './program.ts';

describe('a document', () => {
  test.each([
    ['a list', '- x', 'the document must be an object'],
    ['no name', 'stores: []', 'metadata must be an object'],
    ['a wrong list', 'metadata: {name: x}\nstores: 1', 'stores must be a list'],
    ['a store without a name', 'metadata: {name: x}\nstores: [{engine: medusa}]', 'stores[0].name must be a text'],
    [
      'an unknown field',
      'metadata: {name: x}\nstores: [{name: a, engine: medusa, colour: red}]',
      'stores[0] has the unknown field "colour"',
    ],
    [
      'a repeated name',
      'metadata: {name: x}\nstores: [{name: a, engine: medusa}, {name: a, engine: medusa}]',
      'stores has the name "a" twice',
    ],
    ['invalid YAML', 'a: [', 'is not valid YAML'],
  ])('with %s is rejected with the field', async (_, text, message) => {
    await expect(parseDocument(text, 'stores.yaml')).rejects.toThrow(message);
  });

  test('keeps the fields of its stores', async () => {
    const text = 'metadata: {name: x}\nstores: [{name: a, engine: medusa, volumePolicy: {keepForDays: 3}}]';
    expect(await parseDocument(text, 'stores.yaml')).toEqual({
      name: 'x',
      stores: [{ name: 'a', engine: 'medusa', volumePolicy: { keepForDays: 3 } }],
    });
  });
});

describe('apply', () => {
  let api: ReturnType<typeof fakeApi>;
  let server: Awaited<ReturnType<typeof listen>>;
  let folder: string;
  beforeEach(async () => {
    api = fakeApi();
    server = await listen(api.app, { host: '127.0.0.1', port: 0 });
    folder = await mkdtemp(join(tmpdir(), 'apply-'));
  });
  afterEach(async () => {
    await server.close(0);
    await rm(folder, { recursive: true, force: true });
  });

  async function apply(stores: string, args: readonly string[] = ['--yes'], ask?: () => Promise<string>) {
    const file = join(folder, 'stores.yaml');
    await writeFile(file, `metadata: {name: test}\nstores: ${stores}\n`);
    let err = '';
    const code = await runProgram(['apply', '-f', file, ...args], {
      env: { STORE_PLATFORM_URL: server.url },
      out: { write: () => undefined },
      err: { write: (text) => void (err += text) },
      signal: new AbortController().signal,
      ask,
      openUrl: async () => undefined,
    });
    return { code, err, runs: api.operations.runs.length };
  }

  test('shows the difference and asks before it creates', async () => {
    expect(await apply('[{name: A, engine: medusa}]', [])).toMatchObject({ code: 2, runs: 0 });
    expect(await apply('[{name: A, engine: medusa}]', [], async () => 'n')).toMatchObject({ code: 2, runs: 0 });
    expect(await apply('[{name: A, engine: medusa}]', [], async () => 'y')).toMatchObject({ code: 0, runs: 1 });
    const more = await apply('[{name: A, engine: medusa}, {name: B, engine: woocommerce}]');
    expect(more).toMatchObject({
      code: 0,
      err: expect.stringContaining('= A (requested)\n+ B (woocommerce)'),
      runs: 2,
    });
  });

  test('changes nothing when a store differs', async () => {
    await apply('[{name: A, engine: medusa}]');
    const result = await apply('[{name: A, engine: woocommerce}, {name: B, engine: medusa}]');
    expect(result).toMatchObject({ code: 5, runs: 1 });
    expect(result.err).toContain('! A: engine is "medusa", not "woocommerce", and cannot be changed');
  });

  test('only shows the difference with --dry-run', async () => {
    expect(await apply('[{name: A, engine: medusa}]', ['--dry-run'])).toMatchObject({ code: 0, runs: 0 });
  });
});
