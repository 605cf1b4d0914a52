import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readStoreValues } from './store-values.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-values-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function valuesFile(content: unknown): string {
  const file = join(folder, 'values.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe('the values of the operator', () => {
  test('are read for each engine', async () => {
    const values = { medusa: { image: { tag: '2' }, store: { country: 'DE' } } };
    expect(await readStoreValues({ STORE_VALUES_FILE: valuesFile(values) })).toEqual(values);
    expect(await readStoreValues({})).toEqual({});
  });

  test.each([
    [{ store: { scheme: 'https' } }, 'medusa.store.scheme', 'STORE_SCHEME'],
    [{ store: { port: 443 } }, 'medusa.store.port', 'STORE_PORT'],
    [{ store: { host: 'a.example' } }, 'medusa.store.host', 'STORE_DOMAIN'],
    [{ ingress: { tlsSecretName: 'wildcard' } }, 'medusa.ingress.tlsSecretName', 'STORE_TLS_SECRET'],
    [{ existingSecret: 'mine' }, 'medusa.existingSecret', ''],
  ])('are rejected when they contain %j, which the platform sets', async (medusa, path, setting) => {
    const read = readStoreValues({ STORE_VALUES_FILE: valuesFile({ medusa }) });
    await expect(read).rejects.toThrow(`values.json of STORE_VALUES_FILE is not valid: the platform sets ${path}`);
    await expect(read).rejects.toThrow(setting);
  });

  test('are rejected when they disable the Ingress that a setting gives a certificate', async () => {
    const STORE_VALUES_FILE = valuesFile({ medusa: { ingress: { enabled: false } } });
    await expect(readStoreValues({ STORE_VALUES_FILE, STORE_TLS_ISSUER: 'letsencrypt' })).rejects.toThrow(
      'medusa.ingress.enabled is false, so STORE_TLS_ISSUER has no effect',
    );
    await expect(readStoreValues({ STORE_VALUES_FILE })).resolves.toMatchObject({ medusa: {} });
  });

  test('of an unknown engine are rejected with the name of the file', async () => {
    await expect(readStoreValues({ STORE_VALUES_FILE: valuesFile({ magento: {} }) })).rejects.toThrow('values.json');
  });
});
