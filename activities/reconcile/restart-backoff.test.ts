import { expect, test } from '@jest/globals';
import { isRestartDue, restartsAfter } from './restart-backoff.ts';

const MINUTE_MS = 60_000;
const CLOSED = new Date('2026-01-02T12:00:00Z');

/** Returns the minutes after its close at which an operation with this number of restarts is due. */
function delayMinutes(restarts: number): number {
  const restartedAt = restarts === 0 ? null : CLOSED;
  for (let minutes = 0; minutes <= 120; minutes += 1) {
    const now = new Date(CLOSED.getTime() + minutes * MINUTE_MS);
    const run = { restarts, restartedAt, closedAt: CLOSED };
    if (isRestartDue(run, { now, minDelaySeconds: 120 })) return minutes;
  }
  throw new Error('the operation is never due');
}

test('the delay before a restart doubles up to an hour, and the operation is never given up', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map(delayMinutes)).toEqual([2, 4, 8, 16, 32, 60, 60]);
});

test('a run that stayed open for half an hour starts the count again', () => {
  const restartedAt = new Date(CLOSED.getTime() - 30 * MINUTE_MS);
  const run = { restarts: 7, restartedAt, closedAt: CLOSED };
  expect(restartsAfter(run)).toBe(1);
  const now = new Date(CLOSED.getTime() + 2 * MINUTE_MS);
  expect(isRestartDue(run, { now, minDelaySeconds: 120 })).toBe(true);
});

test('an operation whose run left no history waits from its last restart on', () => {
  const run = { restarts: 3, restartedAt: CLOSED, closedAt: null };
  const at = (minutes: number) => new Date(CLOSED.getTime() + minutes * MINUTE_MS);
  expect(isRestartDue(run, { now: at(15), minDelaySeconds: 120 })).toBe(false);
  expect(isRestartDue(run, { now: at(16), minDelaySeconds: 120 })).toBe(true);
  expect(isRestartDue({ ...run, restarts: 0, restartedAt: null }, { now: at(0), minDelaySeconds: 120 })).toBe(true);
});
