import { beforeAll, describe, expect, test } from '@jest/globals';
import { fakeApi } from '../test/harness/platform/fake-api.ts';

const CONSOLE = 'https://console.example.com';
const BEARER = { authorization: 'Bearer sp_token' };
const CREATE = { method: 'POST', body: JSON.stringify({ name: 'Acme', engine: 'medusa' }) };

let api: ReturnType<typeof fakeApi>;
beforeAll(() => {
  api = fakeApi({ corsOrigins: [CONSOLE] });
});

function create(headers: Record<string, string>, app = api.app) {
  const all = { 'content-type': 'application/json', 'idempotency-key': 'k', ...headers };
  return app.request('/api/stores', { ...CREATE, headers: all });
}

function preflight(origin: string, app = api.app) {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'idempotency-key',
  };
  return app.request('/api/stores', { method: 'OPTIONS', headers });
}

describe('security headers', () => {
  test.each(['/api/stores', '/api/nothing', '/health/live', '/problems/internal', '/openapi.json'])(
    'of %s are strict',
    async (path) => {
      const { headers } = await api.app.request(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'strict-transport-security': expect.stringContaining('max-age='),
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
    },
  );
});

describe('a page of an origin in CORS_ORIGINS', () => {
  test('may ask which requests it may send', async () => {
    const { status, headers } = await preflight(CONSOLE);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(CONSOLE);
    expect(headers.get('access-control-allow-headers')).toMatch(/Idempotency-Key/);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('may read responses, also those without a body, and errors', async () => {
    const first = await api.app.request('/api/stores', { headers: { origin: CONSOLE } });
    const tag = first.headers.get('etag') ?? '';
    const again = await api.app.request('/api/stores', { headers: { origin: CONSOLE, 'if-none-match': tag } });
    const missing = await api.app.request('/api/stores/1', { headers: { origin: CONSOLE } });
    expect([first.status, again.status, missing.status]).toEqual([200, 304, 404]);
    for (const { headers } of [first, again, missing]) {
      expect(headers.get('access-control-allow-origin')).toBe(CONSOLE);
      expect(headers.get('access-control-expose-headers')).toMatch(/Operation-Location/);
    }
  });

  test('may change something with a token, and never with a cookie', async () => {
    const cookie = { cookie: 'store_platform_session=s' };
    expect((await create({ origin: CONSOLE, 'sec-fetch-site': 'cross-site', ...BEARER })).status).toBe(202);
    expect(await (await create({ origin: CONSOLE, ...cookie })).json()).toMatchObject({ code: 'ORIGIN_REFUSED' });
  });
});

describe('a page of another origin', () => {
  test.each(['https://shop.example', 'http://console.example.com', 'https://console.example.com.shop.example', 'null'])(
    '%s gets no CORS header and changes nothing, also with a token',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
      const read = await api.app.request('/api/stores', { headers: { origin } });
      expect(read.headers.get('access-control-allow-origin')).toBeNull();
      expect(read.headers.get('vary')).toMatch(/Origin/);
      expect(await (await create({ origin, ...BEARER })).json()).toMatchObject({ code: 'ORIGIN_REFUSED' });
    },
  );

  test('gets no CORS header by default, from any origin', async () => {
    const { app } = fakeApi();
    expect((await preflight(CONSOLE, app)).headers.get('access-control-allow-origin')).toBeNull();
    expect(await (await create({ origin: CONSOLE, ...BEARER }, app)).json()).toMatchObject({ code: 'ORIGIN_REFUSED' });
  });
});
