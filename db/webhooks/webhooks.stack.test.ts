import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRetentionRecords } from '../reconcile/retention.ts';
import { later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { IdempotentRequest } from '../../domain/ports/idempotent-requests.ts';
import type {
  AttemptResult,
  CreateWebhookInput,
  DeliveryRecords,
  WebhookRecord,
  WebhookRecords,
} from '../../domain/ports/webhook-records.ts';
import { MAX_WEBHOOKS_PER_TENANT } from '../../domain/webhooks.ts';
import { createDeliveryRecords } from './deliveries.ts';
import { createWebhookRecords } from './webhooks.ts';

let records: TestRecords;
let webhooks: WebhookRecords;
let deliveries: DeliveryRecords;
beforeAll(async () => {
  records = await openTestRecords();
  webhooks = createWebhookRecords(records.db);
  deliveries = createDeliveryRecords(records.db);
});
afterAll(() => records.drop());

function webhookInput(seed: Partial<CreateWebhookInput> = {}): CreateWebhookInput {
  const id = randomUUID();
  return {
    id,
    tenantId: randomUUID(),
    url: 'https://receiver.example/',
    eventTypes: null,
    description: '',
    sealedSecret: 'sealed',
    now: NOW,
    ...seed,
  };
}

async function newWebhook(seed: Partial<CreateWebhookInput> = {}): Promise<WebhookRecord> {
  const result = await webhooks.create(webhookInput(seed));
  if (result.kind !== 'created') throw new Error(`expected a new webhook, got ${result.kind}`);
  return result.webhook;
}

/** A request with an idempotency key. */
function keyed(seed: Partial<IdempotentRequest> = {}): IdempotentRequest {
  const bytes = () => Buffer.from(randomUUID().replaceAll('-', '').repeat(2), 'hex');
  return { tenantId: 'a', hash: bytes(), requestHash: bytes(), now: NOW, expiresAt: later(60), ...seed };
}

const keyOf = ({ tenantId, id: webhookId }: WebhookRecord) => ({ tenantId, webhookId });

async function deliveriesOf(webhook: WebhookRecord) {
  const page = await webhooks.listDeliveries({ ...keyOf(webhook), limit: 100 });
  return page?.deliveries ?? [];
}

async function ping(webhook: WebhookRecord, now = NOW): Promise<string> {
  const result = await webhooks.ping({ ...keyOf(webhook), deliveryId: randomUUID(), now });
  if (result.kind !== 'accepted') throw new Error(`expected a delivery, got ${result.kind}`);
  return result.delivery.id;
}

const FAILED: AttemptResult = { state: 'retrying', status: 500, error: 'no', snippet: '', nextAttemptAt: later(5) };
const DELIVERED: AttemptResult = { state: 'delivered', status: 200, error: null, snippet: '', nextAttemptAt: null };

function record(deliveryId: string, webhook: WebhookRecord, result: AttemptResult, attempt = 1, now = NOW) {
  return deliveries.recordAttempt({
    deliveryId,
    webhookId: webhook.id,
    round: 1,
    attempt,
    result,
    disableIfFailingBefore: new Date(now.getTime() - 1_000),
    now,
  });
}

describe('an event', () => {
  test('adds one delivery for each enabled webhook of its tenant that wants it', async () => {
    const all = await newWebhook();
    const { tenantId } = all;
    const some = await newWebhook({ tenantId, eventTypes: ['operation.started'] });
    const disabled = await newWebhook({ tenantId });
    await webhooks.change({ ...keyOf(disabled), change: { status: 'disabled' }, now: NOW });
    const deleted = await newWebhook({ tenantId });
    await webhooks.delete({ ...keyOf(deleted), now: NOW });
    const foreign = await newWebhook();

    const { store } = await records.begun('provision', tenantId);

    expect((await deliveriesOf(all)).map(({ type, storeId, state }) => ({ type, storeId, state }))).toEqual(
      expect.arrayContaining([
        { type: 'store.requested', storeId: store.id, state: 'pending' },
        { type: 'operation.started', storeId: store.id, state: 'pending' },
      ]),
    );
    expect((await deliveriesOf(some)).map(({ type, messageId }) => ({ type, messageId }))).toEqual([
      { type: 'operation.started', messageId: `msg_${store.id}_2` },
    ]);
    expect(await deliveriesOf(disabled)).toEqual([]);
    expect(await deliveriesOf(foreign)).toEqual([]);
  });

  test('is loaded with its store and its webhook', async () => {
    const webhook = await newWebhook();
    const store = await records.request({ tenantId: webhook.tenantId });
    const [delivery] = await deliveriesOf(webhook);
    const loaded = await deliveries.load(delivery?.id ?? '');
    expect(loaded).toMatchObject({
      webhook: { id: webhook.id, url: webhook.url },
      event: { store: { storeId: store.id, slug: store.slug }, event: { seq: 1, type: 'store.requested' } },
    });
  });
});

describe('create', () => {
  test('never exceeds the limit of a tenant', async () => {
    const tenantId = randomUUID();
    const results = await Promise.all(
      Array.from({ length: MAX_WEBHOOKS_PER_TENANT + 5 }, () => webhooks.create(webhookInput({ tenantId }))),
    );
    expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(MAX_WEBHOOKS_PER_TENANT);
    expect(results.filter(({ kind }) => kind === 'limitReached')).toHaveLength(5);
  });
});

describe('a request with a key', () => {
  const createOnce = (request: IdempotentRequest, input: CreateWebhookInput) =>
    webhooks.once(request, async (work) => ({ value: await work.create(input), response: Buffer.from(input.id) }));

  test('that arrives twice at the same time makes its change once, and both have the response', async () => {
    const { tenantId } = webhookInput();
    const request = keyed({ tenantId });
    const results = await Promise.all([1, 2, 3].map(() => createOnce(request, webhookInput({ tenantId }))));
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(['done', 'replayed', 'replayed']);
    const { webhooks: created } = await webhooks.list({ tenantId, limit: 10 });
    expect(created).toHaveLength(1);
    const responses = results.map((result) =>
      result.kind === 'replayed' ? result.response.toString() : created[0]?.id,
    );
    expect(new Set(responses)).toEqual(new Set([created[0]?.id]));
    expect(await createOnce({ ...request, requestHash: keyed().requestHash }, webhookInput({ tenantId }))).toEqual({
      kind: 'keyReused',
    });
  });

  test('cannot change a webhook of another tenant, and its key stays free', async () => {
    const foreign = await newWebhook();
    const request = keyed({ tenantId: randomUUID() });
    const change = webhooks.once(request, (work) =>
      work.create(webhookInput({ tenantId: foreign.tenantId })).then((value) => ({ value, response: Buffer.alloc(1) })),
    );
    await expect(change).rejects.toThrow('row-level security policy');
    expect(await createOnce(request, webhookInput({ tenantId: request.tenantId ?? '' }))).toMatchObject({
      kind: 'done',
    });
  });

  test('erases expired keys of its own tenant only', async () => {
    const [ours, theirs] = [randomUUID(), randomUUID()];
    for (const tenantId of [ours, theirs]) await createOnce(keyed({ tenantId }), webhookInput({ tenantId }));
    await createOnce(keyed({ tenantId: ours, now: later(60), expiresAt: later(90) }), webhookInput({ tenantId: ours }));
    const kept = await records.db.query.idempotencyKeys.findMany();
    const expiries = (tenant: string) =>
      kept.filter(({ tenantId }) => tenantId === tenant).map(({ expiresAt }) => expiresAt);
    expect(expiries(ours)).toEqual([later(90)]);
    expect(expiries(theirs)).toEqual([later(60)]);
  });
});

test('no function sees the webhook of another tenant', async () => {
  const webhook = await newWebhook();
  const deliveryId = await ping(webhook);
  const key = { tenantId: randomUUID(), webhookId: webhook.id };
  expect(await webhooks.get(key)).toBeUndefined();
  expect(await webhooks.change({ ...key, change: { url: 'https://evil.example/' }, now: NOW })).toEqual({
    kind: 'notFound',
  });
  expect(await webhooks.delete({ ...key, now: NOW })).toBe(false);
  expect(await webhooks.listDeliveries({ ...key, limit: 10 })).toBeUndefined();
  expect(await webhooks.ping({ ...key, deliveryId: randomUUID(), now: NOW })).toEqual({ kind: 'webhookNotFound' });
  expect(await webhooks.redeliver({ ...key, deliveryId, now: NOW })).toEqual({ kind: 'webhookNotFound' });
  expect((await webhooks.list({ tenantId: key.tenantId, limit: 10 })).webhooks).toEqual([]);
});

test('lists deliveries page by page, also those of one instant', async () => {
  const webhook = await newWebhook();
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.push(await ping(webhook));
  const seen: string[] = [];
  let after: Parameters<WebhookRecords['listDeliveries']>[0]['after'];
  for (;;) {
    const page = await webhooks.listDeliveries({ ...keyOf(webhook), limit: 2, after });
    seen.push(...(page?.deliveries ?? []).map(({ id }) => id));
    if (page === undefined || page.next === null) break;
    after = page.next;
  }
  expect(seen.toSorted()).toEqual(ids.toSorted());
});

describe('an attempt', () => {
  test('is recorded once, and a late one of an earlier attempt changes nothing', async () => {
    const webhook = await newWebhook();
    const id = await ping(webhook);
    await record(id, webhook, FAILED);
    await record(id, webhook, DELIVERED, 1);
    expect(await deliveriesOf(webhook)).toMatchObject([{ state: 'retrying', attempts: 1, nextAttemptAt: later(5) }]);
    await record(id, webhook, DELIVERED, 2);
    await record(id, webhook, FAILED, 3);
    expect(await deliveriesOf(webhook)).toMatchObject([{ state: 'delivered', attempts: 2, endedAt: NOW }]);
  });

  test('that fails marks the webhook as failing until the next success', async () => {
    const webhook = await newWebhook();
    await record(await ping(webhook), webhook, FAILED);
    await record(await ping(webhook), webhook, FAILED, 1, later(0.5));
    expect(await webhooks.get(keyOf(webhook))).toMatchObject({ failingSince: NOW, status: 'enabled' });
    await record(await ping(webhook), webhook, DELIVERED, 1, later(0.6));
    expect(await webhooks.get(keyOf(webhook))).toMatchObject({ failingSince: null });
  });

  test('disables a webhook that has failed for too long', async () => {
    const webhook = await newWebhook();
    expect(await record(await ping(webhook), webhook, FAILED)).toBeNull();
    const second = await ping(webhook);
    expect(await record(second, webhook, FAILED, 1, later(2))).toBe('failing');
    expect(await webhooks.get(keyOf(webhook))).toMatchObject({ status: 'disabled', disabledReason: 'failing' });
    const enabled = await webhooks.change({ ...keyOf(webhook), change: { status: 'enabled' }, now: later(3) });
    expect(enabled).toMatchObject({ webhook: { status: 'enabled', failingSince: null } });
  });

  test('disables a webhook whose receiver is gone at once', async () => {
    const webhook = await newWebhook();
    const gone: AttemptResult = { ...FAILED, state: 'failed', status: 410, nextAttemptAt: null, isGone: true };
    expect(await record(await ping(webhook), webhook, gone)).toBe('gone');
    expect(await webhooks.get(keyOf(webhook))).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
  });
});

describe('a delivery needs a run', () => {
  const idsOf = (found: readonly { readonly deliveryId: string }[]) => found.map(({ deliveryId }) => deliveryId);

  test('until one is started, and again in the next round', async () => {
    const webhook = await newWebhook();
    const id = await ping(webhook);
    expect(idsOf(await deliveries.listUnstarted({ limit: 1_000 }))).toContain(id);
    await deliveries.noteStarted({ deliveries: [{ deliveryId: id, round: 1 }], now: NOW });
    expect(idsOf(await deliveries.listUnstarted({ limit: 1_000 }))).not.toContain(id);
    await record(id, webhook, DELIVERED);
    const again = await webhooks.redeliver({ ...keyOf(webhook), deliveryId: id, now: NOW });
    expect(again).toMatchObject({ kind: 'accepted', delivery: { round: 2, state: 'pending', messageId: `msg_${id}` } });
    // The note about the first round comes late.
    await deliveries.noteStarted({ deliveries: [{ deliveryId: id, round: 1 }], now: NOW });
    expect(idsOf(await deliveries.listUnstarted({ limit: 1_000 }))).toContain(id);
  });

  test('when its next attempt is long overdue', async () => {
    const webhook = await newWebhook();
    const id = await ping(webhook);
    await deliveries.noteStarted({ deliveries: [{ deliveryId: id, round: 1 }], now: NOW });
    await record(id, webhook, FAILED);
    const overdue = async (dueBefore: Date) => idsOf(await deliveries.listOverdue({ dueBefore, limit: 1_000 }));
    expect(await overdue(later(5))).not.toContain(id);
    expect(await overdue(later(6))).toContain(id);
  });
});

test('the retention erases old deliveries, and then the webhooks that were deleted', async () => {
  const webhook = await newWebhook();
  await ping(webhook);
  await webhooks.delete({ ...keyOf(webhook), now: NOW });
  const retention = createRetentionRecords(records.db);
  const exists = async () => (await records.db.query.webhookEndpoints.findMany()).some(({ id }) => id === webhook.id);
  await retention.eraseDeliveries({ before: NOW, limit: 1_000 });
  expect(await exists()).toBe(true);
  expect(await retention.eraseDeliveries({ before: later(1), limit: 1_000 })).toBeGreaterThan(0);
  expect(await exists()).toBe(false);
});
