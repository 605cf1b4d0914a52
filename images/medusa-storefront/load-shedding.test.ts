import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Hono } from 'hono';
import { microCache, admissionControl } from './load-shedding.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('customers without a cart', () => {
  /** A shop that serves nobody to the end by itself. */
  function openShop() {
    const served: (() => void)[] = [];
    const app = new Hono();
    const turn = admissionControl((c) => c.text('busy', 503));
    app.get('/', turn, (c) => new Promise<Response>((resolve) => served.push(() => resolve(c.text('welcome')))));
    const enter = async () => (await app.request('/')).status;
    return { enter, served, app };
  }
  const settle = () => jest.advanceTimersByTimeAsync(0);

  test('come in two at a time, in their order', async () => {
    const { enter, served } = openShop();
    const visits = [enter(), enter(), enter(), enter()];
    await settle();
    expect(served).toHaveLength(2);
    served[0]?.();
    await settle();
    expect(served).toHaveLength(3);
    served[1]?.();
    await settle();
    served[2]?.();
    served[3]?.();
    await expect(Promise.all(visits)).resolves.toEqual([200, 200, 200, 200]);
  });

  test('are told to come again when they have waited for three seconds, and keep no place', async () => {
    const { app, enter, served } = openShop();
    const inside = [enter(), enter()];
    const waiting = app.request('/');
    await jest.advanceTimersByTimeAsync(3_000);
    const refusal = await waiting;
    expect(refusal.status).toBe(503);
    expect(refusal.headers.get('retry-after')).toBe('2');
    const next = enter();
    await settle();
    for (const serve of served) serve();
    await settle();
    expect(served).toHaveLength(3);
    served[2]?.();
    await expect(Promise.all([...inside, next])).resolves.toEqual([200, 200, 200]);
  });
});

describe('what all may see', () => {
  function openShop(answer = () => new Response('shoes', { headers: { 'content-type': 'text/plain' } })) {
    const asked: string[] = [];
    const clock = { nowMs: 1 };
    const app = new Hono();
    const ask = (url: string) => {
      asked.push(new URL(url).pathname);
      return Promise.resolve(answer());
    };
    app.all(
      '*',
      microCache((c) => ask(c.req.url), { nowMs: () => clock.nowMs }),
    );
    return { app, asked, clock };
  }

  test('is asked for once by those who ask at once or within a second, and then anew', async () => {
    const { app, asked, clock } = openShop();
    const headers = { 'x-publishable-api-key': 'pk_1' };
    const answers = await Promise.all([app.request('/a', { headers }), app.request('/a', { headers })]);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['shoes', 'shoes']);
    expect((await app.request('/a', { headers })).headers.get('content-type')).toBe('text/plain');
    expect(asked).toHaveLength(1);
    clock.nowMs += 999;
    await app.request('/a', { headers });
    expect(asked).toHaveLength(1);
    clock.nowMs += 2;
    await app.request('/a', { headers });
    expect(asked).toHaveLength(2);
  });

  test.each([
    ['another address', '/b', {}],
    ['another question', '/a?limit=1', {}],
    ['another key', '/a', { 'x-publishable-api-key': 'pk_2' }],
    ['another language', '/a', { 'accept-language': 'nl' }],
    ['a customer who is signed in', '/a', { authorization: 'Bearer x' }],
    ['a customer with a session', '/a', { cookie: 'connect.sid=x' }],
  ])('is not what %s is told', async (_, path, headers) => {
    const { app, asked } = openShop();
    await app.request('/a');
    await app.request(path, { headers });
    expect(asked).toHaveLength(2);
  });

  test('is the same whatever program asks', async () => {
    const { app, asked } = openShop();
    await app.request('/a', { headers: { 'user-agent': 'one', 'x-forwarded-for': '10.0.0.1' } });
    await app.request('/a', { headers: { 'user-agent': 'two', 'x-forwarded-for': '10.0.0.2' } });
    expect(asked).toHaveLength(1);
  });

  test('does not hold what went wrong, nor what was meant for one', async () => {
    const { app, asked, clock } = openShop(
      () => new Response('no', { status: 500, headers: { 'set-cookie': 'connect.sid=secret' } }),
    );
    const first = await app.request('/a');
    expect(first.status).toBe(500);
    expect(first.headers.get('set-cookie')).toBeNull();
    clock.nowMs += 2;
    await app.request('/a');
    expect(asked).toHaveLength(2);
  });
});
