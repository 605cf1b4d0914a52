import { setImmediate as afterResponse } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { StoreError } from '../domain/failure.ts';
import { ACTIONS } from '../domain/store/actions.ts';
import { PAGE_PATHS } from './pages/routes.ts';
import { fakeApi, readJson } from '../test/harness/platform/fake-api.ts';

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, unknown>> }>>>
  >;
}

let api: ReturnType<typeof fakeApi>;
beforeEach(() => {
  api = fakeApi();
});

describe('the OpenAPI document', () => {
  test('describes exactly the routes of the API', async () => {
    const document = await readJson<OpenApi>(await api.app.request('/openapi.json'));
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = api.app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/openapi.json' && !path.startsWith('/docs'))
      .filter(({ path }) => !PAGE_PATHS.includes(path) && !/^\/(api\/login\/oidc|invitations\/)/.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(document.openapi).toBe('3.1.0');
    expect(documented.toSorted()).toEqual([...new Set(served)].toSorted());
  });

  test.each(ACTIONS)('has a route for the action %s', async (action) => {
    const { paths } = await readJson<OpenApi>(await api.app.request('/openapi.json'));
    const [path, method] =
      action === 'delete' ? ['/api/stores/{id}', 'delete'] : [`/api/stores/{id}/${action}`, 'post'];
    expect(paths[path]).toHaveProperty([method]);
  });

  test('describes the parameters of a list as numbers with their limits', async () => {
    const document = await (await api.app.request('/openapi.json')).json();
    expect(document).toMatchObject({
      paths: {
        '/api/stores': {
          get: {
            parameters: expect.arrayContaining([
              expect.objectContaining({
                name: 'limit',
                in: 'query',
                required: false,
                schema: expect.objectContaining({ type: 'integer', minimum: 1, maximum: 100, default: 20 }),
              }),
            ]),
          },
          post: {
            parameters: expect.arrayContaining([
              expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: true }),
            ]),
          },
        },
      },
    });
  });
});

describe('the correlation id', () => {
  test.each(['trace-1', '0af7651916cd43dd8448eb211c80319c'])('%s of the request is kept', async (id) => {
    const response = await api.app.request('/health/live', { headers: { 'x-correlation-id': id } });
    expect(response.headers.get('x-correlation-id')).toBe(id);
  });

  test.each(['', 'a b', '{"x":1}', 'x'.repeat(129)])('%j of the request is replaced', async (id) => {
    const response = await api.app.request('/health/live', { headers: { 'x-correlation-id': id } });
    expect(response.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is part of the one log line of each request', async () => {
    await api.app.request('/api/stores', { headers: { 'x-correlation-id': 'trace-1' } });
    await afterResponse();
    expect(api.logLines).toEqual([
      expect.objectContaining({
        level: 'info',
        correlationId: 'trace-1',
        tenantId: 'default-user',
        method: 'GET',
        path: '/api/stores',
        status: 200,
        durationMs: expect.any(Number),
      }),
    ]);
  });

  test('is part of the events of the store', async () => {
    const store = await api.newStore();
    await api.app.request(`/api/stores/${store.storeId}`, {
      method: 'DELETE',
      headers: { 'x-correlation-id': 'trace-2' },
    });
    const { data } = await readJson<{ data: { correlationId: string }[] }>(
      await api.app.request(`/api/stores/${store.storeId}/events`),
    );
    expect(data.at(-1)?.correlationId).toBe('trace-2');
  });
});

describe('health', () => {
  test('is live while the database and Temporal are unavailable', async () => {
    api.operations.away = true;
    api.records.fault = new Error('down');
    expect((await api.app.request('/health/live')).status).toBe(200);
  });

  test('is ready when the database and Temporal answer', async () => {
    const response = await api.app.request('/health/ready');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'up',
      checks: { database: { status: 'up' }, temporal: { status: 'up' } },
    });
  });

  test('is ready without Temporal, because creates are accepted without it, and the response says why Temporal is down', async () => {
    api.operations.away = true;
    const response = await api.app.request('/health/ready');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      checks: { database: { status: 'up' }, temporal: { status: 'down', reason: expect.stringContaining('Temporal') } },
    });
    expect((await api.post()).status).toBe(202);
  });

  test('is not ready without the database, and the response names the reason', async () => {
    api.records.fault = new StoreError('DATABASE_UNAVAILABLE', 'The database is read-only');
    const response = await api.app.request('/health/ready');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      detail: 'These services are down: database (The database is read-only).',
      checks: { database: { status: 'down', reason: 'The database is read-only' }, temporal: { status: 'up' } },
    });
  });

  test('is not ready during a shutdown, and connections close after their response', async () => {
    api.health.beginShutdown();
    const response = await api.app.request('/health/ready');
    expect(response.status).toBe(503);
    expect(response.headers.get('connection')).toBe('close');
    expect(await (await api.app.request('/health')).json()).toMatchObject({ status: 'shutting-down' });
  });

  test('answers 200 with the failed check in the summary', async () => {
    api.records.fault = new Error('down');
    const response = await api.app.request('/health');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'down',
      checks: { database: { status: 'down' }, temporal: { status: 'up' } },
      nodes: 'unknown',
    });
  });

  test('says that the nodes of the cluster are simulated', async () => {
    expect(await (await api.app.request('/health')).json()).toMatchObject({ nodes: 'simulated' });
  });
});

describe('every response', () => {
  test.each(['/api/stores', '/api/nothing', '/health/live', '/openapi.json'])(
    'of %s forbids caching, framing and content sniffing',
    async (path) => {
      const { headers } = await api.app.request(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
    },
  );
});
