import { expect, test } from '@jest/globals';
import type { Statistics } from '@store-platform/client';
import { causesOf, failuresChart, operationsChart, outcomesOf, readyChart, residentChart } from './model.ts';

const DAYS = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'] as const;
const CODES = [
  'IMAGE_PULL_FAILED',
  'CRASH_LOOP',
  'UNSCHEDULABLE',
  'VOLUME_PENDING',
  'JOB_FAILED',
  'RELEASE_FAILED',
  'CHART_INVALID',
] as const;

const statistics: Statistics = {
  from: DAYS[0],
  to: '2026-01-03T00:00:00.000Z',
  bucket: 'day',
  stores: [],
  storesOverTime: [
    { at: DAYS[0], created: 2, deleted: 0, resident: 2 },
    { at: DAYS[1], created: 1, deleted: 2, resident: 1 },
  ],
  operations: [
    { at: DAYS[0], kind: 'provision', outcome: 'succeeded', count: 2 },
    { at: DAYS[0], kind: 'delete', outcome: 'succeeded', count: 3 },
    { at: DAYS[1], kind: 'provision', outcome: 'failed', count: 1 },
  ],
  failures: CODES.map((code, index) => ({ at: DAYS[1], code, count: index + 1 })),
  timeToReady: [
    {
      engine: 'medusa',
      count: 3,
      p50Seconds: 1,
      p90Seconds: 2,
      p99Seconds: 3,
      histogram: [
        { upToSeconds: 5, count: 2 },
        { upToSeconds: 10, count: 0 },
        { upToSeconds: null, count: 1 },
      ],
    },
  ],
  provisionSteps: [],
};
const OUTCOMES = { succeeded: 'ok', failed: 'failed', cancelled: 'cancelled', superseded: 'replaced' };

test('the line of stores has the number at the end of each bucket', () => {
  expect(residentChart(statistics, 'Stores').series[0]).toMatchObject({ values: [2, 1], total: 'last' });
});

test('operations of all kinds are counted by outcome, and an outcome that never happened has no series', () => {
  const { series } = operationsChart(statistics, OUTCOMES);
  expect(series.map(({ id, values }) => [id, values])).toEqual([
    ['succeeded', [5, 0]],
    ['failed', [0, 1]],
  ]);
  expect(outcomesOf(statistics)).toEqual({ ended: 6, failed: 1 });
});

test('the most frequent causes have a series each, and all others share one', () => {
  const { series } = failuresChart(statistics, { titleOf: (code) => code, others: 'Others' });
  expect(series.map(({ id, values }) => [id, values])).toEqual([
    ['CHART_INVALID', [0, 7]],
    ['RELEASE_FAILED', [0, 6]],
    ['JOB_FAILED', [0, 5]],
    ['VOLUME_PENDING', [0, 4]],
    ['UNSCHEDULABLE', [0, 3]],
    ['others', [0, 3]],
  ]);
  expect(causesOf(statistics)[0]).toEqual({ code: 'CHART_INVALID', count: 7 });
});

test('the last class of the time to ready has no upper end', () => {
  const { positions } = readyChart(statistics, {
    engineNames: { medusa: 'Medusa', woocommerce: 'WooCommerce' },
    upTo: (seconds) => `< ${seconds}`,
    above: (seconds) => `>= ${seconds}`,
  });
  expect(positions).toEqual({ kind: 'classes', labels: ['< 5', '< 10', '>= 10'] });
});
