import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook as Verifier } from 'standardwebhooks';
import type { Store } from '../../api/contract/store.ts';
import type { Webhook, WebhookDelivery } from '../../api/contract/webhook.ts';
import { webhookWorkflowIdOf } from '../../domain/names.ts';
import { FakeCluster } from '../fakes/fake-cluster.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { startApiProcess, startWorkerProcess, type PlatformProcess } from '../harness/platform/processes.ts';
import { TEST_WEBHOOK_ENV } from '../harness/platform/webhooks.ts';
import { createDatabase, eventually, testStack } from '../harness/stack/stack.ts';
import { createTemporalNamespace } from '../harness/stack/temporal-namespace.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../harness/webhook-receiver.ts';

type Revealed = Webhook & { readonly secret: string };
interface Delivered {
  readonly type: string;
  readonly data: { readonly event?: { readonly seq: number }; readonly store?: { readonly storeId: string } };
}

let receiver: WebhookReceiver;
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(() => receiver.close());

const bodies = (): readonly Delivered[] => receiver.received.map(({ body }) => JSON.parse(body) as Delivered);

describe('a platform with webhooks', () => {
  const RETRY_DELAYS_MS = [300, 300];
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({
      cluster: new FakeCluster(),
      webhooks: { retryDelaysMs: RETRY_DELAYS_MS },
    });
    // A Temporal Schedule starts the dispatcher within 30 s.
    const schedule = platform.client.schedule.getHandle(`${platform.installation}/dispatch-webhooks`);
    await schedule.trigger();
  });
  afterAll(() => platform.stop());

  let webhook: Revealed;
  beforeEach(async () => {
    webhook = await json<Revealed>('POST', '', { body: { url: receiver.url }, key: randomUUID() });
  });
  afterEach(async () => {
    await platform.request('DELETE', `/api/webhooks/${webhook.webhookId}`);
  });

  async function json<T>(method: string, path: string, init?: { body?: unknown; key?: string }): Promise<T> {
    const response = await platform.request(method, `/api/webhooks${path}`, init);
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  const ping = () => json<WebhookDelivery>('POST', `/${webhook.webhookId}/test`);

  async function ended(deliveryId: string): Promise<WebhookDelivery> {
    return eventually(async () => {
      const page = await json<{ data: WebhookDelivery[] }>('GET', `/${webhook.webhookId}/deliveries?limit=100`);
      const delivery = page.data.find((each) => each.deliveryId === deliveryId);
      if (delivery !== undefined && delivery.endedAt !== null) return delivery;
      throw new Error(`the delivery is ${JSON.stringify(delivery)}`);
    });
  }

  test('delivers every event of a store once, signed, and in a body that does not change', async () => {
    const { storeId } = await platform.create();
    await platform.settled(storeId, 'ready');
    const events = await platform.events(storeId);
    await eventually(() => receiver.received.length >= events.length);
    const seqs = bodies().map(({ data }) => data.event?.seq ?? 0);
    expect(seqs.toSorted((one, other) => one - other)).toEqual(events.map(({ seq }) => seq));
    for (const { headers, body } of receiver.received) {
      expect(new Verifier(webhook.secret).verify(body, { ...headers })).toMatchObject({ data: { store: { storeId } } });
    }
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(events.length);
  });

  test('signs with both secrets after a rotation', async () => {
    const rotated = await json<Revealed>('POST', `/${webhook.webhookId}/rotate-secret`);
    await ended((await ping()).deliveryId);
    const [message] = receiver.received;
    for (const secret of [webhook.secret, rotated.secret]) {
      expect(new Verifier(secret).verify(message?.body ?? '', { ...message?.headers })).toMatchObject({ type: 'ping' });
    }
  });

  test('attempts again with the same id until the receiver is back', async () => {
    receiver.answerWith(500);
    const { deliveryId, messageId } = await ping();
    await eventually(() => receiver.received.length > 0);
    receiver.answerWith(204);
    expect(await ended(deliveryId)).toMatchObject({ state: 'delivered', attempts: 2, lastStatus: 204 });
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([messageId, messageId]);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  test('gives up after the last attempt, and repeats the delivery on request with the same id', async () => {
    receiver.answerWith(500);
    const { deliveryId, messageId } = await ping();
    expect(await ended(deliveryId)).toMatchObject({
      state: 'failed',
      attempts: RETRY_DELAYS_MS.length + 1,
      lastError: 'the receiver answered 500',
    });
    receiver.answerWith(204);
    await json('POST', `/${webhook.webhookId}/deliveries/${deliveryId}/redeliver`);
    expect(await ended(deliveryId)).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([messageId]));
    const secondRound = webhookWorkflowIdOf({ installation: platform.installation, deliveryId, round: 2 });
    await platform.client.workflow.getHandle(secondRound).result();
  });

  test('disables the webhook when its receiver is gone, and cancels what is open', async () => {
    receiver.answerWith(410);
    const { deliveryId } = await ping();
    expect(await ended(deliveryId)).toMatchObject({ state: 'failed', attempts: 1, lastStatus: 410 });
    expect(await json('GET', `/${webhook.webhookId}`)).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
    await platform.create();
    const { data } = await json<{ data: WebhookDelivery[] }>('GET', `/${webhook.webhookId}/deliveries`);
    expect(data).toHaveLength(1);
  });
});

describe('processes', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let temporal: Awaited<ReturnType<typeof createTemporalNamespace>>;
  const running: PlatformProcess[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    temporal = await createTemporalNamespace();
  });
  afterAll(async () => {
    for (const process of running) await process.kill('SIGKILL');
    await temporal.close();
    await database.drop();
  });

  test('deliver a message whose worker was killed while it was sent: at least once, with the same id', async () => {
    const env = {
      ...testStack(),
      ...TEST_WEBHOOK_ENV,
      DATABASE_URL: database.url,
      TEMPORAL_NAMESPACE: temporal.namespace,
    };
    const api = await startApiProcess(env);
    running.push(api);
    const first = await startWorkerProcess(env);
    running.push(first);
    const post = async (path: string, headers: Record<string, string>, body: object) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
      const response = await fetch(`${api.url}${path}`, { ...init, body: JSON.stringify(body) });
      expect(response.ok).toBe(true);
      return response.json();
    };
    await post('/api/webhooks', { 'idempotency-key': 'a' }, { url: receiver.url, eventTypes: ['store.requested'] });
    receiver.answerWith(undefined);
    const store = (await post('/api/stores', { 'idempotency-key': 'b' }, { name: 'Acme', engine: 'medusa' })) as Store;
    await eventually(() => receiver.received.length > 0, { deadlineMs: 90_000 });
    await first.kill('SIGKILL');
    receiver.answerWith(204);
    running.push(await startWorkerProcess(env));
    await eventually(() => receiver.received.length > 1, { deadlineMs: 90_000 });
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids)).toEqual(new Set([`msg_${store.storeId}_1`]));
  }, 300_000);
});
