import { expect, test } from '@jest/globals';
import getPort from 'get-port';
import { fakeApi } from '../test/harness/platform/fake-api.ts';
import {
  ApiError,
  ConnectionError,
  createStorePlatformClient,
  followOperation,
  listStores,
  type Store,
} from './index.ts';

const BODY = { name: 'Acme Shoes', engine: 'medusa' } as const;

/** Returns a client of the API in memory. */
function clientOf(api: ReturnType<typeof fakeApi>) {
  return createStorePlatformClient({ baseUrl: 'http://localhost', fetch: async (request) => api.app.request(request) });
}

function header(key: string) {
  return { params: { header: { 'Idempotency-Key': key } } };
}

test('creates, lists and reads stores with the types of the OpenAPI document', async () => {
  const client = clientOf(fakeApi());
  const { data } = await client.POST('/api/stores', { ...header('a'), body: BODY });
  await client.POST('/api/stores', { ...header('b'), body: BODY });
  const listed: Store[] = [];
  for await (const store of listStores(client, { limit: 1, engine: 'medusa', sort: 'name' })) listed.push(store);
  expect(listed.map(({ name }) => name)).toEqual(['Acme Shoes', 'Acme Shoes']);
  expect(new Set(listed.map(({ storeId }) => storeId)).size).toBe(2);
  expect(listed.map(({ storeId }) => storeId)).toContain(data?.storeId);
});

test('throws the problem of an error response', async () => {
  const client = clientOf(fakeApi());
  const body = { name: '', engine: 'medusa' } as const;
  const error: unknown = await client.POST('/api/stores', { ...header('a'), body }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 400, problem: { code: 'INVALID_REQUEST', errors: [{ pointer: '/name' }] } });
});

test('throws an error response without a problem, such as the page of a proxy', async () => {
  const client = createStorePlatformClient({
    baseUrl: 'http://localhost',
    fetch: async () => new Response('<html>', { status: 502 }),
  });
  await expect(client.GET('/api/stores')).rejects.toMatchObject({ status: 502, problem: undefined });
});

test('names the address and the reason when the API does not respond', async () => {
  const port = await getPort({ host: '127.0.0.1' });
  const client = createStorePlatformClient({ baseUrl: `http://127.0.0.1:${port}` });
  const sent = client.POST('/api/stores/{id}/cancel', { params: { path: { id: 'x' } } });
  await expect(sent).rejects.toThrow(ConnectionError);
  await expect(sent).rejects.toThrow(/127\.0\.0\.1:\d+ does not respond: .*ECONNREFUSED/);
});

test('returns each event of an operation once, and the operation when it has ended', async () => {
  const api = fakeApi();
  const client = clientOf(api);
  const { storeId, operation } = await api.newStore();
  const events = followOperation(client, operation!, { pollMs: 1 });
  expect((await events.next()).value).toMatchObject({ seq: 1 });
  await api.app.request(`/api/stores/${storeId}/cancel`, { method: 'POST' });
  expect((await events.next()).value).toMatchObject({ seq: 2, type: 'cancel.requested' });
  api.records.amend(storeId, { status: 'cancelled' }, { status: 'cancelled', runId: 'run', endedAt: new Date() });
  expect(await events.next()).toMatchObject({ done: true, value: { status: 'cancelled' } });
});
