import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { DeliveryToStart } from '../../domain/ports/webhook-records.ts';
import { createDispatchActivities } from './dispatch.ts';

const DELAYS = [5_000];

function delivery(deliveryId: string): DeliveryToStart {
  return { deliveryId, tenantId: 'tenant', webhookId: 'webhook', round: 1, attempts: 0 };
}

/** Returns the activity over deliveries in memory. Its worker shuts down when no delivery is left. */
function world(options: { unstarted?: readonly string[]; overdue?: readonly string[]; failFirst?: boolean } = {}) {
  const { unstarted = [], overdue = [], failFirst = false } = options;
  const left = new Set(unstarted);
  const started: string[] = [];
  const stopping = new AbortController();
  let starts = 0;
  const { dispatchDeliveries } = createDispatchActivities({
    records: {
      listUnstarted: async ({ limit }) => {
        if (left.size === 0) stopping.abort();
        return [...left].slice(0, limit).map(delivery);
      },
      listOverdue: async () => overdue.map(delivery),
      noteStarted: async ({ deliveries }) => deliveries.forEach(({ deliveryId }) => left.delete(deliveryId)),
    },
    runs: {
      start: async ({ deliveryId, retryDelaysMs }) => {
        starts += 1;
        if (failFirst && starts === 1) throw new Error('Temporal does not answer');
        expect(retryDelaysMs).toEqual(DELAYS);
        if (started.includes(deliveryId)) return 'alreadyStarted';
        started.push(deliveryId);
        return 'started';
      },
    },
    retryDelaysMs: DELAYS,
    stopping: stopping.signal,
    now: () => new Date(),
  });
  const dispatch = () => new MockActivityEnvironment().run(dispatchDeliveries, { forMs: 60_000 });
  return { dispatch, started, left };
}

test('starts one run for each delivery and ends when the worker shuts down', async () => {
  const ids = Array.from({ length: 120 }, (_, index) => `delivery-${index}`);
  const { dispatch, started, left } = world({ unstarted: ids });
  expect(await dispatch()).toEqual({ started: 120 });
  expect(started.toSorted()).toEqual(ids.toSorted());
  expect(left.size).toBe(0);
});

test('starts the runs of overdue deliveries again', async () => {
  const { dispatch, started } = world({ overdue: ['lost'] });
  expect(await dispatch()).toEqual({ started: 1 });
  expect(started).toEqual(['lost']);
});

test('leaves a delivery without a run when Temporal does not answer, and starts it in the next attempt', async () => {
  const { dispatch, started, left } = world({ unstarted: ['first'], failFirst: true });
  await expect(dispatch()).rejects.toThrow('Temporal does not answer');
  expect(left).toEqual(new Set(['first']));
  await dispatch();
  expect(started).toEqual(['first']);
});
