import { expect, test } from '@jest/globals';
import type { SetConditionInput } from '../../domain/ports/condition-records.ts';
import { asActivity } from '../../test/harness/platform/cluster-activities.ts';
import { reportDelays } from './delay-report.ts';
import type { Problem } from './problem.ts';

const UNSCHEDULABLE: Problem = {
  kind: 'passing',
  code: 'UNSCHEDULABLE',
  message: 'no node can schedule the pod web-1: password=hunter22',
  object: 'Pod/web-1',
};
const PENDING: Problem = { ...UNSCHEDULABLE, code: 'VOLUME_PENDING', message: 'the volume of data is still pending' };

/** Returns a reporter on a record that fails for the first `failures` writes. */
function reporterWith({ failures = 0, isDelayed = false } = {}) {
  const written: SetConditionInput['condition'][] = [];
  let nowMs = 0;
  let remaining = failures;
  const reporter = reportDelays({
    storeId: 's',
    runId: 'r',
    isDelayed,
    now: () => nowMs,
    readSecrets: () => Promise.resolve([]),
    setCondition: async ({ condition }) => {
      remaining -= 1;
      if (remaining >= 0) throw new Error('the database does not answer');
      written.push(condition);
    },
  });
  const report = async (delay: Problem | null, afterMs = 0) => {
    nowMs += afterMs;
    await asActivity(async () => {
      reporter.report(delay);
      await reporter.settled(1_000);
    }, undefined);
  };
  return { written, report };
}

test('a delay is written once, redacted, and cleared when it is over', async () => {
  const { written, report } = reporterWith();
  await report(UNSCHEDULABLE);
  await report(UNSCHEDULABLE, 60_000);
  await report(null);
  await report(null);
  const type = 'ReadinessDelayed';
  expect(written).toEqual([
    {
      type,
      status: 'True',
      reason: 'Unschedulable',
      message: 'no node can schedule the pod web-1: password=[redacted]',
    },
    { type, status: 'False', reason: 'Resolved', message: expect.any(String) },
  ]);
});

test('a new reason is written at once, a new message at most every 15 s', async () => {
  const { written, report } = reporterWith();
  await report(UNSCHEDULABLE);
  await report(PENDING, 1_000);
  await report({ ...PENDING, message: 'a' }, 14_999);
  await report({ ...PENDING, message: 'b' }, 1);
  expect(written.map(({ message }) => message).slice(1)).toEqual([PENDING.message, 'b']);
});

test('a write that failed is repeated, and the wait continues', async () => {
  const { written, report } = reporterWith({ failures: 2 });
  await report(UNSCHEDULABLE);
  expect(written).toEqual([]);
  await report(UNSCHEDULABLE);
  expect(written).toMatchObject([{ reason: 'Unschedulable' }]);
});

test('a release without a delay writes nothing, unless an earlier attempt was delayed', async () => {
  const undelayed = reporterWith();
  await undelayed.report(null);
  expect(undelayed.written).toEqual([]);
  const later = reporterWith({ isDelayed: true });
  await later.report(null);
  expect(later.written).toMatchObject([{ status: 'False' }]);
});
