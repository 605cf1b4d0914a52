import { expect, test } from '@jest/globals';
import { testStack } from '../../test/harness/stack.ts';
import { crashSweep } from './crash-sweep.ts';
import { QUICK_CRASH_CASES } from './scenarios.ts';

function ground() {
  const { DATABASE_URL, TEMPORAL_ADDRESS, WORKFLOW_BUNDLE } = testStack();
  return { databaseUrl: DATABASE_URL, temporalAddress: TEMPORAL_ADDRESS, workflowBundle: WORKFLOW_BUNDLE };
}

const options = {
  cases: QUICK_CRASH_CASES.slice(1, 3),
  lanes: 2,
  boundMs: 60_000,
  stepMs: 20,
  report: () => undefined,
};

test.each(['platform', 'queue'] as const)('a store of the %s survives the crash of its worker', async (side) => {
  const results = await crashSweep(ground(), side, options);
  expect(results.map(({ problem }) => problem)).toEqual([null, null]);
});

test('the sweep sees that the queue as it comes leaves a crashed store where it is', async () => {
  const results = await crashSweep(ground(), 'bare-queue', { ...options, boundMs: 5_000 });
  expect(results.map(({ problem }) => problem)).toEqual([
    expect.stringMatching(/^the store is/),
    expect.stringMatching(/^the store is/),
  ]);
});
