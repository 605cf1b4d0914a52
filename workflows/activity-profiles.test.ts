import { describe, expect, test } from '@jest/globals';
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { LOCAL_ACTIVITY, PROFILES } from './activity-profiles.ts';

/** Temporal's default workflow task timeout. The platform does not change it. */
const WORKFLOW_TASK_MS = 10_000;

function ms(duration: Duration | undefined): number {
  return duration === undefined ? Infinity : msToNumber(duration);
}

describe.each(Object.entries(PROFILES))('the profile %s', (_name, profile) => {
  const times: { readonly [K in 'startToClose' | 'scheduleToClose' | 'heartbeat']: number } = {
    startToClose: ms(profile.startToCloseTimeout),
    scheduleToClose: ms('scheduleToCloseTimeout' in profile ? profile.scheduleToCloseTimeout : undefined),
    heartbeat: ms('heartbeatTimeout' in profile ? profile.heartbeatTimeout : undefined),
  };

  test('allows at least two attempts', () => {
    expect(times.scheduleToClose).toBeGreaterThanOrEqual(2 * times.startToClose);
  });

  test('detects a dead worker before the start-to-close timeout', () => {
    if (times.heartbeat < Infinity) expect(times.heartbeat).toBeLessThan(times.startToClose);
    // A profile without heartbeats has short attempts.
    else expect(times.startToClose).toBeLessThanOrEqual(60_000);
  });

  test('increases the retry interval up to a maximum', () => {
    const { initialInterval, maximumInterval } = profile.retry;
    expect(ms(maximumInterval)).toBeGreaterThan(ms(initialInterval));
  });
});

test('two record writes fit into one workflow task', () => {
  expect(2 * ms(LOCAL_ACTIVITY.startToCloseTimeout)).toBeLessThan(WORKFLOW_TASK_MS);
});
