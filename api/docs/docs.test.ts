import { describe, expect, test } from '@jest/globals';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';

const { app } = fakeApi();
const page = await app.request('/docs');
const html = await page.clone().text();
const paths = [...html.matchAll(/(?:href|src)="(\/docs\/[^"]+)"/g)].map(([, path = '']) => path);

describe('the page /docs', () => {
  test('loads files of the API only, and a policy forbids everything else', () => {
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(html).not.toMatch(/https?:\/\/|\son\w+=|<style|style=|javascript:/);
    expect(html.match(/<script(?! src="\/docs\/)/)).toBeNull();
  });

  test('has strict headers besides the policy, and is not cached', () => {
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  test.each(paths)('loads %s, which a cache may keep forever', async (path) => {
    const plain = await app.request(path);
    expect(plain.status).toBe(200);
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(plain.headers.get('content-type')).toMatch(path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
    const compressed = await app.request(path, { headers: { 'accept-encoding': 'br, gzip' } });
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    const unpacked = await new Response(compressed.body?.pipeThrough(new DecompressionStream('gzip'))).text();
    expect(unpacked === (await plain.text())).toBe(true);
  });

  test('loads at least one style and one script', () => {
    expect(paths.map((path) => path.split('.').at(-1))).toEqual(expect.arrayContaining(['css', 'js']));
  });

  test.each(['/docs/0000000000000000/start.js', '/docs/x/package.json', '/docs/x/..%2f..%2fpackage.json'])(
    'does not serve %s',
    async (path) => {
      const response = await app.request(path);
      expect([response.status, await response.json()]).toMatchObject([404, { code: 'ROUTE_NOT_FOUND' }]);
    },
  );
});
