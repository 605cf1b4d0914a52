import { expect, test } from '@jest/globals';
import { pairedRatio, percentile } from './statistics.ts';

test('percentiles are values that were measured', () => {
  const values = [5, 1, 4, 2, 3];
  expect([0, 20, 50, 95, 100].map((p) => percentile(values, p))).toEqual([1, 1, 3, 5, 5]);
  expect(() => percentile([], 50)).toThrow('nothing');
});

test('the ratio of a series that is always twice the other is two, without doubt', () => {
  const pairs = [1, 2, 3, 4, 5].map((theirs) => ({ ours: 2 * theirs, theirs }));
  const { median, low, high } = pairedRatio(pairs, () => 0.5);
  expect([median, low, high]).toEqual([2, 2, 2]);
});

test('noise widens the interval, which holds the ratio', () => {
  let seed = 1;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const pairs = Array.from({ length: 50 }, () => ({ ours: 3 + random(), theirs: 1 + random() }));
  const { median, low, high } = pairedRatio(pairs, random);
  expect(low).toBeLessThan(median);
  expect(median).toBeLessThan(high);
  expect(low).toBeGreaterThan(1.5);
  expect(high).toBeLessThan(4);
});
