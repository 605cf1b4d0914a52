import { expect, test } from '@jest/globals';
import type { Worker } from '@temporalio/worker';
import { healthOf } from './health-server.ts';

type HealthSource = Parameters<typeof healthOf>[0][number];

/** A worker as `healthOf` reads it. The other parts of its options and of its status do not matter here. */
function worker(state: ReturnType<Worker['getState']>, running = 0): HealthSource {
  const options = {
    taskQueue: 'queue',
    tuner: { activityTaskSlotSupplier: { type: 'fixed-size', numSlots: 8 } },
  };
  return {
    options: options as HealthSource['options'],
    getState: () => state,
    getStatus: () => ({ numInFlightActivities: running }) as ReturnType<Worker['getStatus']>,
  };
}

test('a process is healthy when all of its workers poll', () => {
  expect(healthOf([worker('RUNNING'), worker('RUNNING')]).status).toBe('ok');
  expect(healthOf([worker('RUNNING'), worker('DRAINING')]).status).toBe('draining');
  expect(healthOf([worker('DRAINING'), worker('FAILED')]).status).toBe('failed');
});

test('the report names the slots of each task queue and how many of them are in use', () => {
  expect(healthOf([worker('RUNNING', 3)]).workers).toEqual([
    { taskQueue: 'queue', state: 'RUNNING', activitySlots: 8, activitiesRunning: 3 },
  ]);
});
