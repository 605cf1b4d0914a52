import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { decodeReleaseSecret, manifestDocuments, revisionOf } from './helm-record.ts';

function secretOf(record: unknown) {
  const packed = gzipSync(JSON.stringify(record)).toString('base64');
  return {
    metadata: { name: 'sh.helm.release.v1.acme.v2', labels: { version: '2', status: 'deployed', name: 'acme' } },
    data: { release: Buffer.from(packed).toString('base64') },
  };
}

const stored = {
  name: 'acme',
  version: 2,
  info: { status: 'deployed', last_deployed: '2026-01-02T03:04:05.678Z' },
  chart: { metadata: { name: 'shop', version: '0.1.0' } },
  config: { store: { name: 'Käse & Co' } },
  manifest: '---\nkind: Service\n',
};

test('a record is read as Helm wrote it', () => {
  expect(decodeReleaseSecret(secretOf(stored))).toEqual({
    revision: 2,
    status: 'deployed',
    chartName: 'shop',
    chartVersion: '0.1.0',
    values: { store: { name: 'Käse & Co' } },
    begunAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    manifest: '---\nkind: Service\n',
  });
});

test('a release without values has none', () => {
  expect(decodeReleaseSecret(secretOf({ ...stored, config: null })).values).toEqual({});
});

test('revision and status are known without decoding', () => {
  expect(revisionOf(secretOf(stored))).toEqual({ revision: 2, status: 'deployed' });
});

test('a Secret that is no record is named', () => {
  expect(() => decodeReleaseSecret({ metadata: { name: 'other' } })).toThrow('the Secret other holds no release');
});

test('a manifest is read as Helm reads it: numbers that begin with 0 are octal, dates are text, comments are nothing', () => {
  const manifest = '---\n# Source: x\n---\nkind: A\nmode: 0440\nday: 2026-01-02\ntext: "0440"\n';
  expect(manifestDocuments(manifest)).toEqual([{ kind: 'A', mode: 0o440, day: '2026-01-02', text: '0440' }]);
  expect(manifestDocuments('')).toEqual([]);
});
