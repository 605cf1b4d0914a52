import { describe, expect, test } from '@jest/globals';
import { retryingFetch } from './retrying-fetch.ts';

const URL = 'http://localhost/api/stores';

/** Sends a request to a server that gives these answers in turn. Returns the result, the pauses and the bodies received. */
async function send(request: Request, answers: readonly (Response | Error)[]) {
  const pauses: number[] = [];
  const bodies: string[] = [];
  const rest = [...answers];
  const result = await retryingFetch({
    fetch: async (sent) => {
      bodies.push(await sent.text());
      const answer = rest.shift();
      if (answer instanceof Response) return answer;
      throw answer ?? new Error('no answer is left');
    },
    pause: async (ms) => void pauses.push(ms),
  })(request).catch((error: unknown) => error);
  return { result, pauses, bodies };
}

function unavailable(retryAfter?: string) {
  return new Response('', { status: 503, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } });
}

const OK = () => new Response('{}', { status: 200 });
const create = () => new Request(URL, { method: 'POST', body: '{"name":"x"}', headers: { 'Idempotency-Key': 'a' } });

describe('repeats', () => {
  test('a read after a lost connection and after a response with Retry-After', async () => {
    const { result, pauses } = await send(new Request(URL), [new Error('reset'), unavailable('3'), OK()]);
    expect(result).toMatchObject({ status: 200 });
    expect(pauses).toHaveLength(2);
    expect(pauses[1]).toBe(3_000);
  });

  test('a create with its key and the same body', async () => {
    const { result, bodies } = await send(create(), [new Error('reset'), OK()]);
    expect(result).toMatchObject({ status: 200 });
    expect(bodies).toEqual(['{"name":"x"}', '{"name":"x"}']);
  });
});

describe('does not repeat', () => {
  test('a change that is not safe to repeat', async () => {
    const { bodies } = await send(new Request(`${URL}/1/retry`, { method: 'POST' }), [unavailable('1'), OK()]);
    expect(bodies).toHaveLength(1);
  });

  test.each([
    ['a full quota', new Response('', { status: 429 })],
    ['an invalid request', new Response('', { status: 400 })],
    ['a bug', new Response('', { status: 500 })],
  ])('a request that is answered with %s', async (_, answer) => {
    const { result, bodies } = await send(create(), [answer, OK()]);
    expect(result).toBe(answer);
    expect(bodies).toHaveLength(1);
  });

  test('a request more than five times', async () => {
    const { result, bodies } = await send(
      new Request(URL),
      Array.from({ length: 9 }, () => unavailable('1')),
    );
    expect(result).toMatchObject({ status: 503 });
    expect(bodies).toHaveLength(5);
  });
});
