import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { sql } from 'drizzle-orm';
import type { TestRecords } from '../../test/factories/store-records.ts';
import type { WebhookRecord, WebhookRecords } from '../../domain/ports/webhook-records.ts';

/** All conditions on the tenant are replaced by `true`: only row-level security separates the tenants in this file. */
jest.unstable_mockModule('../stores/of-tenant.ts', () => ({ ofTenant: () => sql`true` }));
const { NOW, openTestRecords } = await import('../../test/factories/store-records.ts');
const { createWebhookRecords } = await import('./webhooks.ts');

let records: TestRecords;
let webhooks: WebhookRecords;
let ours: WebhookRecord;
let theirs: WebhookRecord;

beforeAll(async () => {
  records = await openTestRecords();
  webhooks = createWebhookRecords(records.db);
  ours = await newWebhook('a');
  theirs = await newWebhook('b');
});
afterAll(() => records.drop());

async function newWebhook(tenantId: string): Promise<WebhookRecord> {
  const result = await webhooks.create({
    id: randomUUID(),
    tenantId,
    url: 'https://receiver.example/',
    eventTypes: null,
    description: '',
    sealedSecret: 'sealed',
    now: NOW,
  });
  if (result.kind !== 'created') throw new Error(`expected a new webhook, got ${result.kind}`);
  return result.webhook;
}

test('without its own conditions, no request finds the webhook of another tenant', async () => {
  const key = { tenantId: 'a', webhookId: theirs.id };
  const deliveryId = randomUUID();
  expect(await webhooks.get(key)).toBeUndefined();
  expect(await webhooks.change({ ...key, change: { status: 'disabled' }, now: NOW })).toEqual({ kind: 'notFound' });
  expect(await webhooks.delete({ ...key, now: NOW })).toBe(false);
  expect(await webhooks.listDeliveries({ ...key, limit: 10 })).toBeUndefined();
  expect(await webhooks.ping({ ...key, deliveryId, now: NOW })).toEqual({ kind: 'webhookNotFound' });
  expect(await webhooks.redeliver({ ...key, deliveryId, now: NOW })).toEqual({ kind: 'webhookNotFound' });
  expect((await webhooks.list({ tenantId: 'a', limit: 10 })).webhooks).toEqual([ours]);
  expect(await webhooks.get({ tenantId: 'b', webhookId: theirs.id })).toEqual(theirs);
});

test('without its own conditions, a request of a tenant adds deliveries to its own webhooks only', async () => {
  await records.request({ tenantId: 'a' });
  const deliveriesOf = ({ tenantId, id: webhookId }: WebhookRecord) =>
    webhooks.listDeliveries({ tenantId, webhookId, limit: 10 });
  expect((await deliveriesOf(ours))?.deliveries).toHaveLength(1);
  expect((await deliveriesOf(theirs))?.deliveries).toEqual([]);
});
