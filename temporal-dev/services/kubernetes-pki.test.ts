import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ensureClusterPki } from './kubernetes-pki.ts';

const folder = mkdtempSync(join(tmpdir(), 'pki-'));
afterAll(() => rmSync(folder, { recursive: true }));
const pki = await ensureClusterPki(folder);

function certificate(file: string): X509Certificate {
  return new X509Certificate(readFileSync(file));
}

test.each([
  ['serving', pki.servingCertFile],
  ['admin', pki.adminCertFile],
])('issues the %s certificate with the certificate authority of the cluster', (_name, file) => {
  const issued = certificate(file);
  const authority = certificate(pki.caFile);
  expect(authority.ca).toBe(true);
  expect(issued.checkIssued(authority)).toBe(true);
  expect(issued.verify(authority.publicKey)).toBe(true);
});

test('issues the serving certificate for every name and address of the API server', () => {
  const serving = certificate(pki.servingCertFile);
  expect(serving.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(serving.checkIP('10.96.0.1')).toBe('10.96.0.1');
  expect(serving.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
});

test('makes keys readable only for their owner', () => {
  for (const file of [pki.caKeyFile, pki.adminKeyFile, pki.serviceAccountKeyFile]) {
    expect(statSync(file).mode & 0o077).toBe(0);
  }
});

test('keeps the existing keys on a second start', async () => {
  const before = readFileSync(pki.caFile, 'utf8');
  expect(await ensureClusterPki(folder)).toEqual(pki);
  expect(readFileSync(pki.caFile, 'utf8')).toBe(before);
});
