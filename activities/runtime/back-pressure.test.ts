import { expect, test } from '@jest/globals';
import { throttledDelayMs } from './back-pressure.ts';

test.each([
  { retryAfterMs: 1_000, attempt: 1, delayMs: 1_000 },
  { retryAfterMs: 1_000, attempt: 2, delayMs: 2_000 },
  { retryAfterMs: 1_000, attempt: 4, delayMs: 8_000 },
  { retryAfterMs: 1_000, attempt: 6, delayMs: 30_000 },
  { retryAfterMs: 1_000, attempt: 1_000_000, delayMs: 30_000 },
  { retryAfterMs: 60_000, attempt: 1, delayMs: 60_000 },
  { retryAfterMs: 60_000, attempt: 9, delayMs: 60_000 },
])(
  'attempt $attempt waits $delayMs ms when the service asks for $retryAfterMs ms',
  ({ retryAfterMs, attempt, delayMs }) => {
    expect(throttledDelayMs({ retryAfterMs, attempt, random: 0 })).toBe(delayMs);
  },
);

test('tasks that were refused together do not return together', () => {
  const delays = [0, 0.25, 0.5, 0.999].map((random) => throttledDelayMs({ retryAfterMs: 4_000, attempt: 1, random }));
  expect(delays).toEqual([4_000, 4_500, 5_000, 5_998]);
});
