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

test('decodes a record that Helm wrote', () => {
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

test('a release without values has empty values', () => {
  expect(decodeReleaseSecret(secretOf({ ...stored, config: null })).values).toEqual({});
});

test('reads revision and status from the labels', () => {
  expect(revisionOf(secretOf(stored))).toEqual({ revision: 2, status: 'deployed' });
});

test('names a Secret that is not a release record', () => {
  expect(() => decodeReleaseSecret({ metadata: { name: 'other' } })).toThrow('the Secret other holds no release');
});

test('parses a manifest as Helm does: numbers with a leading 0 are octal, dates are text, comments are omitted', () => {
  const manifest = '---\n# Source: x\n---\nkind: A\nmode: 0440\nday: 2026-01-02\ntext: "0440"\n';
  expect(manifestDocuments(manifest)).toEqual([{ kind: 'A', mode: 0o440, day: '2026-01-02', text: '0440' }]);
  expect(manifestDocuments('')).toEqual([]);
});
