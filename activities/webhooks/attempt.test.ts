import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type {
  AttemptResult,
  DeliveryRecord,
  LoadedDelivery,
  WebhookRecord,
} from '../../domain/ports/webhook-records.ts';
import { DISABLE_AFTER_MS } from '../../domain/webhooks.ts';
import type { OutgoingMessage, SendResult } from '../../webhooks/sender.ts';
import { createAttemptActivities, type AttemptInput, type AttemptOutcome } from './attempt.ts';

const NOW = new Date('2026-01-02T03:04:05.678Z');
const WEBHOOK: WebhookRecord = {
  id: 'webhook',
  tenantId: 'tenant',
  url: 'https://receiver.example/',
  eventTypes: null,
  description: '',
  status: 'enabled',
  disabledReason: null,
  failingSince: null,
  secrets: [{ sealed: Buffer.alloc(32).toString('base64'), createdAt: NOW.toISOString(), expiresAt: null }],
  createdAt: NOW,
  updatedAt: NOW,
};
const DELIVERY: DeliveryRecord = {
  id: 'delivery',
  tenantId: 'tenant',
  webhookId: 'webhook',
  messageId: 'msg_store_7',
  type: 'store.ready',
  storeId: 'store',
  seq: 7,
  state: 'pending',
  round: 1,
  attempts: 0,
  lastAttemptAt: null,
  lastStatus: null,
  lastError: null,
  responseSnippet: null,
  nextAttemptAt: null,
  createdAt: NOW,
  endedAt: null,
};
const LOADED: LoadedDelivery = {
  delivery: DELIVERY,
  webhook: WEBHOOK,
  event: {
    store: { storeId: 'store', name: 'Acme', engine: 'medusa', slug: 'acme' },
    event: {
      seq: 7,
      type: 'store.ready',
      step: null,
      status: 'ready',
      message: 'The store is ready',
      data: {},
      correlationId: null,
      operationId: null,
      at: NOW.toISOString(),
    },
  },
};
const INPUT: AttemptInput = { deliveryId: 'delivery', round: 1, attempt: 1, delayMs: 5_000 };

function answered(status: number, retryAfterMs?: number): SendResult {
  return { kind: 'answered', status, snippet: 'answer', retryAfterMs };
}

/** Returns the activity over records in memory and a receiver that gives the answer. */
function world(loaded: LoadedDelivery | undefined, receiver: () => Promise<SendResult> = async () => answered(200)) {
  const sent: OutgoingMessage[] = [];
  const recorded: { attempt: number; result: AttemptResult; disableIfFailingBefore: Date }[] = [];
  const { attemptDelivery } = createAttemptActivities({
    records: {
      load: async () => loaded,
      recordAttempt: async (input) => {
        recorded.push(input);
        return null;
      },
    },
    sender: {
      send: async (message) => {
        sent.push(message);
        return receiver();
      },
    },
    secrets: { open: (sealed) => `whsec_${sealed}` },
    random: () => 0,
    now: () => NOW,
  });
  const attempt = (input: Partial<AttemptInput> = {}): Promise<AttemptOutcome> =>
    new MockActivityEnvironment().run(attemptDelivery, { ...INPUT, ...input });
  return { attempt, sent, recorded };
}

describe('an attempt', () => {
  test.each([200, 204, 299])('that the receiver answers with %i ends the delivery', async (status) => {
    const { attempt, sent, recorded } = world(LOADED, async () => answered(status));
    expect(await attempt()).toEqual({ nextAttemptInMs: null });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.headers).toMatchObject({ 'webhook-id': 'msg_store_7' });
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ type: 'store.ready', data: { event: { seq: 7 } } });
    expect(recorded).toMatchObject([{ attempt: 1, result: { state: 'delivered', status } }]);
  });

  test.each([
    ['an error', answered(500)],
    ['a redirect', answered(302)],
    ['no answer', { kind: 'unanswered', reason: 'connect ECONNREFUSED' }],
  ] as const)('that ends with %s is followed by another one after the delay', async (_, result) => {
    const { attempt, recorded } = world(LOADED, async () => result);
    expect(await attempt()).toEqual({ nextAttemptInMs: 5_000 });
    expect(recorded).toMatchObject([
      { result: { state: 'retrying', nextAttemptAt: new Date(NOW.getTime() + 5_000), isGone: false } },
    ]);
  });

  test('that fails is the last one when the plan has no further attempt', async () => {
    const { attempt, recorded } = world(LOADED, async () => answered(500));
    expect(await attempt({ attempt: 8, delayMs: null })).toEqual({ nextAttemptInMs: null });
    expect(recorded).toMatchObject([
      { attempt: 8, result: { state: 'failed', error: 'the receiver answered 500', snippet: 'answer' } },
    ]);
  });

  test('that the receiver answers with 410 ends the delivery and disables the webhook', async () => {
    const { attempt, recorded } = world(LOADED, async () => answered(410));
    expect(await attempt()).toEqual({ nextAttemptInMs: null });
    expect(recorded).toMatchObject([{ result: { state: 'failed', isGone: true } }]);
  });

  test.each([
    [429, 60_000, 60_000],
    [503, 60_000, 60_000],
    [500, 60_000, 5_000],
  ])('that the receiver answers with %i and Retry-After %i ms waits %i ms', async (status, retryAfterMs, expected) => {
    const { attempt } = world(LOADED, async () => answered(status, retryAfterMs));
    expect(await attempt()).toEqual({ nextAttemptInMs: expected });
  });

  test('names the time before which a failing webhook is disabled', async () => {
    const { attempt, recorded } = world(LOADED, async () => answered(500));
    await attempt();
    expect(recorded[0]?.disableIfFailingBefore).toEqual(new Date(NOW.getTime() - DISABLE_AFTER_MS));
  });
});

describe('no message is sent', () => {
  test.each([
    ['the webhook was deleted', { ...LOADED, webhook: null }],
    ['the webhook is disabled', { ...LOADED, webhook: { ...WEBHOOK, status: 'disabled' } }],
    ['the event was erased', { ...LOADED, event: null }],
  ] as const)('when %s', async (problem, loaded) => {
    const { attempt, sent, recorded } = world(loaded);
    expect(await attempt()).toEqual({ nextAttemptInMs: null });
    expect(sent).toEqual([]);
    expect(recorded).toMatchObject([{ result: { state: 'cancelled', error: problem } }]);
  });

  test('when a repeated activity finds its attempt recorded', async () => {
    const nextAttemptAt = new Date(NOW.getTime() + 3_000);
    const { attempt, sent } = world({ ...LOADED, delivery: { ...DELIVERY, attempts: 1, nextAttemptAt } });
    expect(await attempt()).toEqual({ nextAttemptInMs: 3_000 });
    expect(sent).toEqual([]);
  });

  test.each([
    ['has ended', { endedAt: NOW }],
    ['is in another round', { round: 2 }],
  ])('when the delivery %s', async (_, columns) => {
    const { attempt, sent, recorded } = world({ ...LOADED, delivery: { ...DELIVERY, ...columns } });
    expect(await attempt()).toEqual({ nextAttemptInMs: null });
    expect([...sent, ...recorded]).toEqual([]);
  });

  test('when the record of the delivery was erased', async () => {
    const { attempt, sent } = world(undefined);
    expect(await attempt()).toEqual({ nextAttemptInMs: null });
    expect(sent).toEqual([]);
  });
});

test('a webhook has at most four requests at the same time; a further attempt starts again later', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { attempt, sent } = world(LOADED, async () => {
    await held;
    return answered(200);
  });
  const four = Array.from({ length: 4 }, () => attempt());
  await expect(attempt()).rejects.toMatchObject({ type: 'WEBHOOK_BUSY', nonRetryable: false, nextRetryDelay: 1_000 });
  release();
  await Promise.all(four);
  expect(sent).toHaveLength(4);
  expect(await attempt()).toEqual({ nextAttemptInMs: null });
});
