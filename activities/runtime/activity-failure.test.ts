import { expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { StoreError } from '../../domain/failure.ts';
import { asActivity } from '../../test/harness/platform/cluster-activities.ts';
import { toActivityFailure } from './activity-failure.ts';

async function failureOf(error: StoreError, attempt: number): Promise<ApplicationFailure> {
  async function fails(): Promise<never> {
    throw error;
  }
  try {
    return await asActivity(toActivityFailure(fails), undefined, { attempt });
  } catch (failure) {
    if (failure instanceof ApplicationFailure) return failure;
    throw failure;
  }
}

test('a throttled attempt is retried after the time that the service asked for, and later with each attempt', async () => {
  const throttled = new StoreError('CLUSTER_UNAVAILABLE', 'too many requests', { retryAfterMs: 2_000 });
  const first = await failureOf(throttled, 1);
  const third = await failureOf(throttled, 3);
  expect(first).toMatchObject({ nonRetryable: false, type: 'CLUSTER_UNAVAILABLE' });
  expect(first.nextRetryDelay).toBeGreaterThanOrEqual(2_000);
  expect(first.nextRetryDelay).toBeLessThanOrEqual(3_000);
  expect(third.nextRetryDelay).toBeGreaterThanOrEqual(8_000);
});

test('an attempt that was not throttled is retried by the policy of its profile', async () => {
  expect((await failureOf(new StoreError('CLUSTER_UNAVAILABLE', 'no answer'), 1)).nextRetryDelay).toBeUndefined();
});
