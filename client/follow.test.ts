import { afterEach, describe, expect, test } from '@jest/globals';
import { listen } from '../api/server.ts';
import { StoreError } from '../domain/failure.ts';
import { fakeApi } from '../test/harness/platform/fake-api.ts';
import {
  ApiError,
  createStorePlatformClient,
  followEvents,
  followOperation,
  followTenant,
  type StorePlatformClient,
} from './index.ts';

const FAST = { firstPauseMs: 1, pollMs: 1 };

const servers: Awaited<ReturnType<typeof listen>>[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(0)));
});

async function connect(api: ReturnType<typeof fakeApi>): Promise<StorePlatformClient> {
  const server = await listen(api.app, { host: '127.0.0.1', port: 0 });
  servers.push(server);
  return createStorePlatformClient({ baseUrl: server.url });
}

/** A client of a server that sends these responses in turn, and then the last one again. */
function scripted(...responses: readonly (() => Response)[]) {
  const requests: Request[] = [];
  const client = createStorePlatformClient({
    baseUrl: 'http://localhost',
    fetch: async (request) => {
      requests.push(request);
      return responses[Math.min(requests.length, responses.length) - 1]?.() ?? new Response(null, { status: 500 });
    },
  });
  return { client, requests };
}

function events(...seqs: readonly number[]): () => Response {
  const text = seqs.map((seq) => `id: ${seq}\ndata: {"seq":${seq}}\n\n`).join('');
  return () => new Response(text, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}

function problem(status: number): () => Response {
  return () => Response.json({ code: 'X', detail: 'x', status }, { status });
}

async function take<T>(source: AsyncIterable<T>, count: number): Promise<readonly T[]> {
  const taken: T[] = [];
  for await (const value of source) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
}

describe('events of a store', () => {
  test('arrive as they are written, and a caller that stops leaves no stream behind', async () => {
    const api = fakeApi();
    const client = await connect(api);
    const { storeId } = await api.newStore();
    const source = followEvents(client, storeId, FAST);
    expect((await source.next()).value).toMatchObject({ seq: 1 });
    await api.app.request(`/api/stores/${storeId}/cancel`, { method: 'POST' });
    expect((await source.next()).value).toMatchObject({ seq: 2, type: 'cancel.requested' });
    await source.return();
    await expect(servers[0]?.close(5_000)).resolves.toBeUndefined();
  });

  test('are asked for after the last one when the stream ends or breaks, and each is returned once', async () => {
    const { client, requests } = scripted(events(1, 2), problem(503), events(2, 3), problem(500), events(3, 4));
    expect(await take(followEvents(client, 's', FAST), 4)).toEqual([1, 2, 3, 4].map((seq) => ({ seq })));
    const sent = requests.map(({ headers }) => headers.get('last-event-id'));
    expect(sent).toEqual(['0', '2', '2', '3', '3']);
  });

  test('are read page by page from a server without streams', async () => {
    const page =
      (...seqs: readonly number[]) =>
      () =>
        Response.json({ data: seqs.map((seq) => ({ seq })), pagination: { nextAfter: null } });
    const { client } = scripted(page(1), page(1, 2), page(3));
    expect(await take(followEvents(client, 's', FAST), 3)).toEqual([1, 2, 3].map((seq) => ({ seq })));
  });

  test('are read page by page when the server accepts no stream', async () => {
    const page = () => Response.json({ data: [{ seq: 1 }], pagination: { nextAfter: null } });
    const { client } = scripted(problem(406), page);
    expect(await take(followEvents(client, 's', FAST), 1)).toEqual([{ seq: 1 }]);
  });

  test.each([401, 403, 404, 429])('end with the error of a response with status %i', async (status) => {
    const { client, requests } = scripted(events(1), problem(status));
    const error: unknown = await take(followEvents(client, 's', FAST), 2).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status });
    expect(requests).toHaveLength(2);
  });

  test('end with an error when the server is unreachable for too long', async () => {
    const { client } = scripted(problem(500));
    await expect(take(followEvents(client, 's', { ...FAST, maxOutageMs: 0 }), 1)).rejects.toMatchObject({
      status: 500,
    });
  });

  test('are asked for again when the stream is silent', async () => {
    const silent = () => new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } });
    const { client } = scripted(silent, events(1));
    expect(await take(followEvents(client, 's', { ...FAST, silentMs: 10 }), 1)).toEqual([{ seq: 1 }]);
  });

  test('end by the signal while nothing arrives, also when the connection does not end by itself', async () => {
    const stop = new AbortController();
    const silent = () => new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } });
    const { client } = scripted(silent);
    const ended = take(followEvents(client, 's', { ...FAST, signal: stop.signal }), 1);
    setTimeout(() => stop.abort(), 20);
    expect(await ended).toEqual([]);
  });

  test('end without an error by the signal', async () => {
    const api = fakeApi();
    const client = await connect(api);
    const { storeId } = await api.newStore();
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const { seq } of followEvents(client, storeId, { ...FAST, signal: stop.signal })) {
      seen.push(seq);
      stop.abort();
    }
    expect(seen).toEqual([1]);
  });
});

test('events of a tenant have their own numbers', async () => {
  const api = fakeApi();
  const client = await connect(api);
  const one = await api.newStore('a');
  const two = await api.newStore('b');
  const taken = await take(followTenant(client, { ...FAST, after: 1 }), 1);
  expect(taken).toMatchObject([{ storeId: two.storeId, seq: 1, tenantSeq: 2 }]);
  expect(one.storeId).not.toBe(two.storeId);
});

describe('an operation', () => {
  test('is returned at its end, after all its events, also when the database was away', async () => {
    const api = fakeApi();
    const client = await connect(api);
    const { storeId, operation } = await api.newStore();
    const source = followOperation(client, operation!, FAST);
    expect((await source.next()).value).toMatchObject({ seq: 1 });
    api.records.fault = new StoreError('DATABASE_UNAVAILABLE', 'gone');
    api.records.amend(storeId, { status: 'cancelled' }, { status: 'cancelled', runId: 'run', endedAt: new Date() });
    setTimeout(() => {
      api.records.fault = undefined;
      api.hub.wakeAll();
    }, 50);
    expect(await source.next()).toMatchObject({ done: true, value: { status: 'cancelled' } });
  });

  test('ends with an AbortError by the signal', async () => {
    const api = fakeApi();
    const client = await connect(api);
    const { operation } = await api.newStore();
    const stop = new AbortController();
    const source = followOperation(client, operation!, { ...FAST, signal: stop.signal });
    await source.next();
    stop.abort();
    await expect(source.next()).rejects.toMatchObject({ name: 'AbortError' });
  });
});
