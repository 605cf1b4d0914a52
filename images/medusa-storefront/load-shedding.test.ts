import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Hono } from 'hono';
import { microCache, admissionControl } from './load-shedding.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('admissionControl', () => {
  /** A shop whose requests complete only when the test calls their function in `admitted`. */
  function openShop() {
    const admitted: (() => void)[] = [];
    const app = new Hono();
    const control = admissionControl((c) => c.text('busy', 503));
    app.get('/', control, (c) => new Promise<Response>((resolve) => admitted.push(() => resolve(c.text('welcome')))));
    const send = async () => (await app.request('/')).status;
    return { send, admitted, app };
  }
  const settle = () => jest.advanceTimersByTimeAsync(0);

  test('admits two requests at a time, in order', async () => {
    const { send, admitted } = openShop();
    const statuses = [send(), send(), send(), send()];
    await settle();
    expect(admitted).toHaveLength(2);
    admitted[0]?.();
    await settle();
    expect(admitted).toHaveLength(3);
    admitted[1]?.();
    await settle();
    admitted[2]?.();
    admitted[3]?.();
    await expect(Promise.all(statuses)).resolves.toEqual([200, 200, 200, 200]);
  });

  test('rejects a request with 503 and Retry-After after three seconds and removes it from the queue', async () => {
    const { app, send, admitted } = openShop();
    const first = [send(), send()];
    const waiting = app.request('/');
    await jest.advanceTimersByTimeAsync(3_000);
    const rejection = await waiting;
    expect(rejection.status).toBe(503);
    expect(rejection.headers.get('retry-after')).toBe('2');
    const next = send();
    await settle();
    for (const complete of admitted) complete();
    await settle();
    expect(admitted).toHaveLength(3);
    admitted[2]?.();
    await expect(Promise.all([...first, next])).resolves.toEqual([200, 200, 200]);
  });
});

describe('microCache', () => {
  function openShop(respond = () => new Response('shoes', { headers: { 'content-type': 'text/plain' } })) {
    const forwarded: string[] = [];
    const clock = { nowMs: 1 };
    const app = new Hono();
    const upstream = (url: string) => {
      forwarded.push(new URL(url).pathname);
      return Promise.resolve(respond());
    };
    app.all(
      '*',
      microCache((c) => upstream(c.req.url), { nowMs: () => clock.nowMs }),
    );
    return { app, forwarded, clock };
  }

  test('forwards equal requests once per second, concurrent ones included', async () => {
    const { app, forwarded, clock } = openShop();
    const headers = { 'x-publishable-api-key': 'pk_1' };
    const responses = await Promise.all([app.request('/a', { headers }), app.request('/a', { headers })]);
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(['shoes', 'shoes']);
    expect((await app.request('/a', { headers })).headers.get('content-type')).toBe('text/plain');
    expect(forwarded).toHaveLength(1);
    clock.nowMs += 999;
    await app.request('/a', { headers });
    expect(forwarded).toHaveLength(1);
    clock.nowMs += 2;
    await app.request('/a', { headers });
    expect(forwarded).toHaveLength(2);
  });

  test.each([
    ['another path', '/b', {}],
    ['another query', '/a?limit=1', {}],
    ['another key', '/a', { 'x-publishable-api-key': 'pk_2' }],
    ['another language', '/a', { 'accept-language': 'nl' }],
    ['a customer who is signed in', '/a', { authorization: 'Bearer x' }],
    ['a customer with a session', '/a', { cookie: 'connect.sid=x' }],
  ])('does not reuse a response for %s', async (_, path, headers) => {
    const { app, forwarded } = openShop();
    await app.request('/a');
    await app.request(path, { headers });
    expect(forwarded).toHaveLength(2);
  });

  test('reuses a response for another user agent and client address', async () => {
    const { app, forwarded } = openShop();
    await app.request('/a', { headers: { 'user-agent': 'one', 'x-forwarded-for': '10.0.0.1' } });
    await app.request('/a', { headers: { 'user-agent': 'two', 'x-forwarded-for': '10.0.0.2' } });
    expect(forwarded).toHaveLength(1);
  });

  test('streams a response of more than one megabyte to each client and does not cache it', async () => {
    const { app, forwarded } = openShop(() => new Response('x'.repeat(1_100_000)));
    expect(await (await app.request('/a')).text()).toHaveLength(1_100_000);
    expect(forwarded).toHaveLength(2);
    await app.request('/a');
    expect(forwarded).toHaveLength(4);
  });

  test('caches no error and drops Set-Cookie', async () => {
    const { app, forwarded, clock } = openShop(
      () => new Response('no', { status: 500, headers: { 'set-cookie': 'connect.sid=secret' } }),
    );
    const first = await app.request('/a');
    expect(first.status).toBe(500);
    expect(first.headers.get('set-cookie')).toBeNull();
    clock.nowMs += 2;
    await app.request('/a');
    expect(forwarded).toHaveLength(2);
  });
});
