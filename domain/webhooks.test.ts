import { describe, expect, test } from '@jest/globals';
import {
  eventPayload,
  MAX_PAYLOAD_BYTES,
  MAX_RETRY_AFTER_MS,
  nextAttemptInMs,
  RETRY_DELAYS_MS,
  type MessageStore,
} from './webhooks.ts';
import type { StoreEvent } from './store/store.ts';

const HOUR_MS = 3_600_000;

test('the attempts of a delivery take more than a day and less than a day and a half', () => {
  const total = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);
  expect(total).toBeGreaterThan(24 * HOUR_MS);
  expect(total * 1.2).toBeLessThan(36 * HOUR_MS);
});

describe('the time until the next attempt', () => {
  const next = (delayMs: number | null, retryAfterMs?: number, random = 0) =>
    nextAttemptInMs({ delayMs, retryAfterMs, random });

  test('is the planned delay with up to 20 % more', () => {
    expect(next(5_000)).toBe(5_000);
    expect(next(5_000, undefined, 0.999)).toBeLessThanOrEqual(6_000);
  });

  test('is never shorter than Retry-After, up to its bound', () => {
    expect(next(5_000, 120_000)).toBe(120_000);
    expect(next(300_000, 120_000)).toBe(300_000);
    expect(next(5_000, 30 * 24 * HOUR_MS)).toBe(MAX_RETRY_AFTER_MS);
  });

  test('does not exist after the last attempt', () => {
    expect(next(null, 120_000)).toBeNull();
  });
});

describe('the body of a message', () => {
  const store: MessageStore = { storeId: 'id', name: 'Acme', engine: 'medusa', slug: 'acme' };
  const event: StoreEvent = {
    seq: 3,
    type: 'store.failed',
    step: null,
    status: 'failed',
    message: 'The store failed',
    data: { code: 'CRASH_LOOP' },
    correlationId: null,
    operationId: null,
    at: '2026-01-02T03:04:05.678Z',
  };

  test('contains the store and the event', () => {
    expect(JSON.parse(eventPayload(store, event))).toEqual({
      type: 'store.failed',
      timestamp: event.at,
      data: { store, event },
    });
  });

  test('never exceeds 64 KiB: a large event is sent without its data', () => {
    const large = { ...event, message: 'é'.repeat(50_000), data: { log: '🙂'.repeat(20_000) } };
    const body = eventPayload(store, large);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
    expect(JSON.parse(body)).toMatchObject({ data: { event: { seq: 3, data: {} } } });
  });
});
