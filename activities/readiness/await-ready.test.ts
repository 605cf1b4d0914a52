import { expect, test } from '@jest/globals';
import { CancelledFailure } from '@temporalio/activity';
import { StoreError } from '../../domain/failure.ts';
import {
  activityEnvironment,
  asActivity,
  clusterInput,
  ownedInTest,
} from '../../test/harness/platform/cluster-activities.ts';
import type { Kube } from '../adapters/kube.ts';
import { createReadinessActivities } from './await-ready.ts';

const DEADLINE_MS = 60_000;
const { store, run } = clusterInput();
const INPUT = { store: ownedInTest(store), run, revision: 1 };

/** Returns the activity on a cluster whose first call fails, `afterMs` after the first attempt began. */
function awaitReadyWith(error: unknown, afterMs: number) {
  let nowMs = 0;
  async function call(): Promise<never> {
    nowMs = afterMs;
    throw error;
  }
  // The activity calls nothing else before it fails.
  const kube = { watch: () => undefined, call, callUnless: call } as unknown as Kube;
  return createReadinessActivities({ kube, readyDeadlineMs: DEADLINE_MS, now: () => nowMs }).awaitReady;
}

test.each([
  ['an error of the platform itself', new TypeError('x is not a function'), 'x is not a function'],
  [
    'an error of a credential plugin',
    new Error('exec: exit code 1, password=hunter22'),
    'exec: exit code 1, password=[redacted]',
  ],
  ['a thrown text', 'a text', 'a text'],
  ['a retryable failure', new StoreError('CLUSTER_UNAVAILABLE', 'no answer'), 'no answer'],
])('past its deadline, %s becomes READY_DEADLINE_EXCEEDED with its cause', async (_, error, message) => {
  await expect(asActivity(awaitReadyWith(error, DEADLINE_MS - 1), INPUT)).rejects.toBe(error);
  await expect(asActivity(awaitReadyWith(error, DEADLINE_MS), INPUT)).rejects.toMatchObject({
    code: 'READY_DEADLINE_EXCEEDED',
    publicMessage: `the deadline has passed; the last error was: ${message}`,
    cause: error,
  });
});

test('past its deadline, a failure that is final stays as it is', async () => {
  const error = new StoreError('CLUSTER_REFUSED', 'the cluster refused to list the pods');
  await expect(asActivity(awaitReadyWith(error, DEADLINE_MS), INPUT)).rejects.toBe(error);
});

test('past its deadline, a cancellation stays a cancellation', async () => {
  const environment = activityEnvironment();
  const waiting = environment.run(awaitReadyWith(new Error('aborted'), DEADLINE_MS), INPUT);
  environment.cancel();
  await expect(waiting).rejects.toThrow(CancelledFailure);
});

test('an attempt that fails at once leaves its deadline to the next one', async () => {
  const environment = activityEnvironment();
  let heartbeatDetails: unknown;
  environment.on('heartbeat', (details) => (heartbeatDetails = details));
  await expect(environment.run(awaitReadyWith(new Error('early'), 1), INPUT)).rejects.toThrow('early');
  expect(heartbeatDetails).toMatchObject({ startedAtMs: 0, deadlineMs: DEADLINE_MS });

  const later = awaitReadyWith(new Error('late'), DEADLINE_MS);
  await expect(asActivity(later, INPUT, { heartbeatDetails })).rejects.toMatchObject({
    code: 'READY_DEADLINE_EXCEEDED',
  });
});
