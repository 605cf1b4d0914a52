import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';

const POLICY =
  "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const HTML = { accept: 'text/html,application/xhtml+xml' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dashboard-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function build(): Promise<void> {
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Store platform</title>');
  await writeFile(join(folder, 'assets', 'index-1a2b3c4d.js'), 'start();');
  await writeFile(join(folder, 'assets', 'index-1a2b3c4d.js.gz'), gzipSync('start();'));
}

async function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  const { app } = fakeApi({ dashboardFolder: folder });
  return await app.request(path, { method, headers });
}

describe('the dashboard', () => {
  beforeEach(build);

  test.each(['/', '/stores/new', '/operator/held', '/a-page-that-does-not-exist'])(
    'sends its page for %s, with a policy that allows no inline code',
    async (path) => {
      const response = await get(path, HTML);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(response.headers.get('content-security-policy')).toBe(POLICY);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toContain('<title>Store platform</title>');
    },
  );

  test('sends files with a hash in their name to be kept forever, compressed if the browser accepts it', async () => {
    const plain = await get('/assets/index-1a2b3c4d.js');
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await plain.text()).toBe('start();');
    const compressed = await get('/assets/index-1a2b3c4d.js', { 'accept-encoding': 'gzip, deflate' });
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    expect(compressed.headers.get('content-type')).toContain('text/javascript');
    expect(compressed.headers.get('vary')).toBe('Accept-Encoding');
  });

  test.each(['/assets/gone-0a0b0c0d.js', '/assets/../index.html/../secret.txt'])('has no file %s', async (path) => {
    expect((await get(path, HTML)).status).toBe(404);
  });

  test.each(['/api', '/api/unknown', '/health/unknown', '/docs/unknown', '/problems/unknown', '/login/unknown'])(
    'does not answer for %s',
    async (path) => {
      const response = await get(path, HTML);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    },
  );

  test('leaves other requests to the API', async () => {
    expect((await get('/stores', { accept: 'application/json' })).status).toBe(404);
    expect((await get('/stores', HTML, 'POST')).status).toBe(404);
  });
});

test('a dashboard that is not built says how to build it, and appears without a restart', async () => {
  const { app } = fakeApi({ dashboardFolder: folder });
  const before = await app.request('/', { headers: HTML });
  expect(before.status).toBe(503);
  expect(await before.text()).toContain('npm run build');
  await build();
  expect((await app.request('/', { headers: HTML })).status).toBe(200);
});
