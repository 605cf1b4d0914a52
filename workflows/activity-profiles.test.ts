import { describe, expect, test } from '@jest/globals';
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { LOCAL_ACTIVITY, PROFILES } from './activity-profiles.ts';

/** Temporal's default; runs are started without another. */
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

  test('leaves time for more than one attempt', () => {
    expect(times.scheduleToClose).toBeGreaterThanOrEqual(2 * times.startToClose);
  });

  test('notices a dead worker before an attempt would end by itself', () => {
    if (times.heartbeat < Infinity) expect(times.heartbeat).toBeLessThan(times.startToClose);
    // Without a heartbeat an attempt is short.
    else expect(times.startToClose).toBeLessThanOrEqual(60_000);
  });

  test('backs off to a bound', () => {
    const { initialInterval, maximumInterval } = profile.retry;
    expect(ms(maximumInterval)).toBeGreaterThan(ms(initialInterval));
  });
});

test('two writes of a record fit into one workflow task', () => {
  expect(2 * ms(LOCAL_ACTIVITY.startToCloseTimeout)).toBeLessThan(WORKFLOW_TASK_MS);
});
