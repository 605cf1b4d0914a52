import { expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { noAuthentication } from '../auth/authenticator.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import { createRequestLimits, type RequestLimitSettings } from './request-limits.ts';

/** A database that does not answer, so that the changes are counted in memory. */
const unreachable = new Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 50 });

function apiWith(settings: Partial<RequestLimitSettings>, ofTenant: Readonly<Record<string, number>> = {}) {
  const limits = createRequestLimits({
    pool: unreachable,
    settings: { perAddress: 0, readsPerPrincipal: 0, changesPerTenant: 0, ...settings },
    limitOfTenant: async (tenantId) => ofTenant[tenantId] ?? null,
    nowMs: () => 0,
  });
  return fakeApi({ limits, authenticators: [noAuthentication], trustedProxyHops: 1 });
}

function read(api: ReturnType<typeof fakeApi>, headers: Readonly<Record<string, string>> = {}) {
  return api.app.request('/api/stores', { headers });
}

test('refuses the reads of a principal over its limit with 429, the limit, the use and the time to wait', async () => {
  const api = apiWith({ readsPerPrincipal: 2 });
  const first = await read(api);
  expect([first.status, first.headers.get('ratelimit-policy')]).toEqual([200, '"reads";q=2;w=60']);
  expect(first.headers.get('ratelimit')).toMatch(/^"reads";r=1;t=\d+$/);
  await read(api);
  const refused = await read(api);
  expect([refused.status, await readJson(refused)]).toMatchObject([429, { code: 'RATE_LIMITED', limit: 2, used: 3 }]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('ratelimit')).toMatch(/^"reads";r=0;t=\d+$/);
});

test('counts the changes of each tenant for itself, and uses the limit of the tenant if it has one', async () => {
  const api = apiWith({ changesPerTenant: 1 }, { big: 3 });
  const retry = async (tenant: string) =>
    (await api.app.request('/api/stores/x/retry', { method: 'POST', headers: { 'x-tenant-id': tenant } })).status;
  expect([await retry('small'), await retry('small')]).toEqual([404, 429]);
  expect([await retry('big'), await retry('big'), await retry('big'), await retry('big')]).toEqual([
    404, 404, 404, 429,
  ]);
});

test('a refused change is not in the audit log, so a flood of requests does not fill it', async () => {
  const api = apiWith({ changesPerTenant: 1 });
  for (let index = 0; index < 3; index += 1) {
    await api.app.request('/api/stores/00000000-0000-4000-8000-000000000000/retry', { method: 'POST' });
  }
  expect(api.audited).toHaveLength(1);
});

test('limits an address before authentication, and an IPv6 address with its network', async () => {
  const api = apiWith({ perAddress: 1 });
  const from = async (address: string) => (await read(api, { 'x-forwarded-for': address })).status;
  expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([200, 429, 200]);
  expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8:0:1::1')]).toEqual([
    200, 429, 200,
  ]);
});

test('names each limit that applies in the headers', async () => {
  const response = await read(apiWith({ perAddress: 9, readsPerPrincipal: 5 }));
  expect(response.headers.get('ratelimit-policy')).toBe('"address";q=9;w=60, "reads";q=5;w=60');
});

test('0 means no limit', async () => {
  const response = await read(apiWith({}));
  expect([response.status, response.headers.has('ratelimit')]).toEqual([200, false]);
});
