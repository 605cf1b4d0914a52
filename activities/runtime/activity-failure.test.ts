import { expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { StoreError } from '../../domain/failure.ts';
import { asActivity } from '../../test/harness/platform/cluster-activities.ts';
import { toActivityFailure } from './activity-failure.ts';

async function failureOf(error: StoreError, attempt: number, maxAttempts?: number): Promise<ApplicationFailure> {
  async function fails(): Promise<never> {
    throw error;
  }
  try {
    return await asActivity(toActivityFailure(fails, { maxAttempts }), undefined, { attempt });
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

test('a failure that the store causes is final after the attempts of the activity', async () => {
  const failed = new StoreError('RELEASE_FAILED', 'the hook failed');
  expect(await failureOf(failed, 7, 8)).toMatchObject({ nonRetryable: false });
  expect(await failureOf(failed, 8, 8)).toMatchObject({ nonRetryable: true, type: 'RELEASE_FAILED' });
  expect(await failureOf(failed, 1_000)).toMatchObject({ nonRetryable: false });
});

test.each(['CLUSTER_UNAVAILABLE', 'ATTEMPT_FENCED'] as const)(
  '%s is retried until the step times out',
  async (code) => {
    expect(await failureOf(new StoreError(code, 'no answer'), 50, 8)).toMatchObject({
      nonRetryable: false,
      type: code,
    });
  },
);
