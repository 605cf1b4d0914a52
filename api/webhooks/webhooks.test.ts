import { setImmediate as afterResponse } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { MAX_WEBHOOKS_PER_TENANT } from '../../domain/webhooks.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import type { Webhook, WebhookDelivery } from '../contract/webhook.ts';

type Revealed = Webhook & { readonly secret: string };
type Api = ReturnType<typeof fakeApi>;
interface Page<T> {
  readonly data: readonly T[];
  readonly pagination: { readonly nextCursor: string | null };
}

const URL_OF_RECEIVER = 'https://receiver.example/hooks';
const NOBODY = '00000000-0000-4000-8000-000000000000';

function send(
  { app }: Api,
  method: string,
  path: string,
  init: { body?: unknown; headers?: Record<string, string> } = {},
) {
  return app.request(`/api/webhooks${path}`, {
    method,
    headers: { ...(init.body === undefined ? {} : { 'content-type': 'application/json' }), ...init.headers },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });
}

async function create(api: Api, body: object = {}, key = 'key'): Promise<Response> {
  return send(api, 'POST', '', { body: { url: URL_OF_RECEIVER, ...body }, headers: { 'idempotency-key': key } });
}

async function created(api: Api, key?: string): Promise<Revealed> {
  const response = await create(api, {}, key);
  expect(response.status).toBe(201);
  return readJson<Revealed>(response);
}

describe('create', () => {
  test('returns the webhook with its secret, and no other response contains the secret', async () => {
    const api = fakeApi();
    const response = await create(api, { eventTypes: ['store.ready'], description: 'orders' });
    const { secret, ...webhook } = await readJson<Revealed>(response);
    expect(response.headers.get('location')).toBe(`/api/webhooks/${webhook.webhookId}`);
    expect(secret).toMatch(/^whsec_/);
    expect(webhook).toMatchObject({
      url: URL_OF_RECEIVER,
      eventTypes: ['store.ready'],
      description: 'orders',
      status: 'enabled',
      secrets: [{ expiresAt: null }],
    });
    const read = await readJson<Webhook>(await send(api, 'GET', `/${webhook.webhookId}`));
    expect(read).toEqual(webhook);
    await afterResponse();
    expect(JSON.stringify(api.logLines)).not.toContain(secret);
  });

  test('returns the same webhook and secret when the same request is sent twice', async () => {
    const api = fakeApi();
    const first = await created(api);
    const second = await create(api);
    expect(second.status).toBe(201);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await readJson(second)).toEqual(first);
  });

  test.each([
    ['the same key with another body', 422, 'IDEMPOTENCY_KEY_REUSED', { description: 'other' }],
    ['a private address', 400, 'INVALID_REQUEST', { url: 'https://10.0.0.1/' }],
    ['a host with a private address', 400, 'INVALID_REQUEST', { url: 'https://internal.example/' }],
    ['http', 400, 'INVALID_REQUEST', { url: 'http://receiver.example/' }],
    ['credentials in the URL', 400, 'INVALID_REQUEST', { url: 'https://a:b@receiver.example/' }],
    ['an unknown event type', 400, 'INVALID_REQUEST', { eventTypes: ['store.exploded'] }],
    ['no event type', 400, 'INVALID_REQUEST', { eventTypes: [] }],
    ['an unknown field', 400, 'INVALID_REQUEST', { secret: 'whsec_mine' }],
    ['a control character', 400, 'INVALID_REQUEST', { description: 'a\u0000b' }],
  ])('rejects %s', async (_, status, code, body) => {
    const api = fakeApi();
    await created(api);
    const response = await create(api, body, status === 422 ? 'key' : 'other');
    expect(response.status).toBe(status);
    expect(await readJson(response)).toMatchObject({ code });
  });

  test('names the URL in the error and says what to change', async () => {
    const response = await create(fakeApi(), { url: 'https://169.254.169.254/latest/meta-data' });
    expect(await readJson(response)).toMatchObject({
      errors: [{ in: 'body', pointer: '/url', detail: 'its address is not public' }],
    });
  });

  test('needs a key', async () => {
    const response = await send(fakeApi(), 'POST', '', { body: { url: URL_OF_RECEIVER } });
    expect(await readJson(response)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REQUIRED' });
  });

  test('stops at the limit', async () => {
    const api = fakeApi();
    for (let count = 0; count < MAX_WEBHOOKS_PER_TENANT; count += 1) await created(api, `key-${count}`);
    const response = await create(api, {}, 'one more');
    expect(response.status).toBe(429);
    expect(await readJson(response)).toMatchObject({ code: 'WEBHOOK_LIMIT_REACHED', limit: MAX_WEBHOOKS_PER_TENANT });
  });
});

test('lists all webhooks page by page', async () => {
  const api = fakeApi();
  const ids = new Set<string>();
  for (let count = 0; count < 5; count += 1) ids.add((await created(api, `key-${count}`)).webhookId);
  const seen: string[] = [];
  let path: string | undefined = '?limit=2';
  while (path !== undefined) {
    const response = await send(api, 'GET', path);
    const page = await readJson<Page<Webhook>>(response);
    seen.push(...page.data.map(({ webhookId }) => webhookId));
    const link = /<\/api\/webhooks([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    expect(link === undefined).toBe(page.pagination.nextCursor === null);
    path = link;
  }
  expect(seen).toHaveLength(5);
  expect(new Set(seen)).toEqual(ids);
});

test('rejects a text that is not a cursor', async () => {
  expect((await send(fakeApi(), 'GET', '?cursor=nonsense')).status).toBe(400);
});

describe('a change', () => {
  test('keeps the fields that it does not contain', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    const response = await send(api, 'PATCH', `/${webhookId}`, { body: { eventTypes: ['store.failed'] } });
    expect(await readJson(response)).toMatchObject({ url: URL_OF_RECEIVER, eventTypes: ['store.failed'] });
    const cleared = await send(api, 'PATCH', `/${webhookId}`, { body: { eventTypes: null } });
    expect(await readJson(cleared)).toMatchObject({ eventTypes: null });
  });

  test('checks the new URL', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    const response = await send(api, 'PATCH', `/${webhookId}`, { body: { url: 'https://127.0.0.1/' } });
    expect(response.status).toBe(400);
  });

  test('is rejected when the webhook has changed since the version in If-Match', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    const etag = (await send(api, 'GET', `/${webhookId}`)).headers.get('etag') ?? '';
    const change = (description: string) =>
      send(api, 'PATCH', `/${webhookId}`, { body: { description }, headers: { 'if-match': etag } });
    expect((await change('first')).status).toBe(200);
    const second = await change('second');
    expect(second.status).toBe(412);
    expect(await readJson(second)).toMatchObject({ code: 'PRECONDITION_FAILED' });
  });

  test('disables and enables the webhook', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    expect(await readJson(await send(api, 'POST', `/${webhookId}/disable`))).toMatchObject({
      status: 'disabled',
      disabledReason: 'requested',
    });
    const refused = await send(api, 'POST', `/${webhookId}/test`);
    expect(refused.status).toBe(409);
    expect(await readJson(refused)).toMatchObject({ code: 'WEBHOOK_DISABLED' });
    expect(await readJson(await send(api, 'POST', `/${webhookId}/enable`))).toMatchObject({
      status: 'enabled',
      disabledReason: null,
    });
  });

  test('a rotation returns a new secret and keeps the former one for 24 hours', async () => {
    const api = fakeApi();
    const { webhookId, secret } = await created(api);
    const rotated = await readJson<Revealed>(await send(api, 'POST', `/${webhookId}/rotate-secret`));
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.secrets).toHaveLength(2);
    const until = Date.parse(rotated.secrets[1]?.expiresAt ?? '');
    expect(until).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  });

  test('a rotation with a key happens once, also for the version before it', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    const etag = (await send(api, 'GET', `/${webhookId}`)).headers.get('etag') ?? '';
    const rotate = () =>
      send(api, 'POST', `/${webhookId}/rotate-secret`, {
        headers: { 'if-match': etag, 'idempotency-key': 'rotation' },
      });
    const first = await readJson<Revealed>(await rotate());
    const second = await rotate();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await readJson(second)).toEqual(first);
    expect(await readJson(await send(api, 'GET', `/${webhookId}`))).toMatchObject({ secrets: first.secrets });
  });

  test('a deleted webhook does not exist, and its key creates no other one', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    expect((await send(api, 'DELETE', `/${webhookId}`)).status).toBe(204);
    expect((await send(api, 'DELETE', `/${webhookId}`)).status).toBe(404);
    expect((await send(api, 'GET', `/${webhookId}`)).status).toBe(404);
    const again = await create(api);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await readJson(again)).toMatchObject({ webhookId });
    expect(await readJson<Page<Webhook>>(await send(api, 'GET', ''))).toMatchObject({ data: [] });
  });
});

describe('deliveries', () => {
  test('a test adds the delivery of a ping', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    const response = await send(api, 'POST', `/${webhookId}/test`);
    expect(response.status).toBe(202);
    const delivery = await readJson<WebhookDelivery>(response);
    expect(delivery).toMatchObject({ type: 'ping', state: 'pending', attempts: 0, storeId: null });
    const page = await readJson<Page<WebhookDelivery>>(
      await send(api, 'GET', `/${webhookId}/deliveries?state=pending`),
    );
    expect(page.data).toEqual([delivery]);
    const none = await readJson<Page<WebhookDelivery>>(await send(api, 'GET', `/${webhookId}/deliveries?state=failed`));
    expect(none.data).toEqual([]);
  });

  test('a test with a key adds one delivery, and without a key each time one', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    const ping = (headers: Record<string, string>) => send(api, 'POST', `/${webhookId}/test`, { headers });
    const first = await ping({ 'idempotency-key': 'ping' });
    const second = await ping({ 'idempotency-key': 'ping' });
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([202, 'true']);
    expect(await readJson(second)).toEqual(await readJson(first));
    expect(api.webhookRecords.deliveries).toHaveLength(1);
    await ping({});
    await ping({});
    expect(api.webhookRecords.deliveries).toHaveLength(3);
  });

  test('a key of another operation and a key that is not valid are rejected', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    for (const [key, status, code] of [
      ['key', 422, 'IDEMPOTENCY_KEY_REUSED'],
      ['', 400, 'IDEMPOTENCY_KEY_INVALID'],
    ] as const) {
      const response = await send(api, 'POST', `/${webhookId}/test`, { headers: { 'idempotency-key': key } });
      expect(response.status).toBe(status);
      expect(await readJson(response)).toMatchObject({ code });
    }
  });

  test('only an ended delivery can be repeated, with the same message id', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    const { deliveryId, messageId } = await readJson<WebhookDelivery>(await send(api, 'POST', `/${webhookId}/test`));
    const headers = { 'idempotency-key': 'again' };
    const again = () => send(api, 'POST', `/${webhookId}/deliveries/${deliveryId}/redeliver`, { headers });
    expect(await readJson(await again())).toMatchObject({ code: 'DELIVERY_OPEN' });
    const [delivery] = api.webhookRecords.deliveries;
    if (delivery === undefined) throw new Error('no delivery');
    api.webhookRecords.deliveries[0] = { ...delivery, state: 'failed', endedAt: new Date() };
    const response = await again();
    expect(response.status).toBe(202);
    expect(await readJson(response)).toMatchObject({ messageId, state: 'pending', attempts: 0 });
    const repeated = await again();
    expect(repeated.headers.get('idempotency-replayed')).toBe('true');
    expect(await readJson(repeated)).toMatchObject({ messageId, state: 'pending' });
  });

  test('an unknown webhook or delivery is not found', async () => {
    const api = fakeApi();
    const { webhookId } = await created(api);
    for (const [method, path, code] of [
      ['GET', `/${NOBODY}/deliveries`, 'WEBHOOK_NOT_FOUND'],
      ['POST', `/${NOBODY}/test`, 'WEBHOOK_NOT_FOUND'],
      ['POST', `/${webhookId}/deliveries/${NOBODY}/redeliver`, 'DELIVERY_NOT_FOUND'],
      ['GET', '/not-a-uuid', 'WEBHOOK_NOT_FOUND'],
    ] as const) {
      const response = await send(api, method, path);
      expect(response.status).toBe(404);
      expect(await readJson(response)).toMatchObject({ code });
    }
  });
});

test('without a key for the secrets, every route says that webhooks are off', async () => {
  const api = fakeApi({ hasWebhooks: false });
  for (const response of [await send(api, 'GET', ''), await create(api), await send(api, 'GET', `/${NOBODY}`)]) {
    expect(response.status).toBe(501);
    expect(await readJson(response)).toMatchObject({
      code: 'WEBHOOKS_OFF',
      detail: expect.stringContaining('WEBHOOK_SECRET_KEY'),
    });
  }
});
