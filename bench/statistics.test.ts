import { expect, test } from '@jest/globals';
import { pairedRatio, percentile } from './statistics.ts';

test('percentiles are measured values', () => {
  const values = [5, 1, 4, 2, 3];
  expect([0, 20, 50, 95, 100].map((p) => percentile(values, p))).toEqual([1, 1, 3, 5, 5]);
  expect(() => percentile([], 50)).toThrow('empty list');
});

test('the ratio and its interval are exactly two when one series is always twice the other', () => {
  const pairs = [1, 2, 3, 4, 5].map((baseline) => ({ platform: 2 * baseline, baseline }));
  const { median, low, high } = pairedRatio(pairs, () => 0.5);
  expect([median, low, high]).toEqual([2, 2, 2]);
});

test('noise widens the interval around the ratio', () => {
  let seed = 1;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const pairs = Array.from({ length: 50 }, () => ({ platform: 3 + random(), baseline: 1 + random() }));
  const { median, low, high } = pairedRatio(pairs, random);
  expect(low).toBeLessThan(median);
  expect(median).toBeLessThan(high);
  expect(low).toBeGreaterThan(1.5);
  expect(high).toBeLessThan(4);
});
