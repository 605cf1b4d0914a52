import { expect, test } from '@jest/globals';
import { axisRange, axisValues, stacked, totalOf, type Series } from './chart-data.ts';

const series = (values: readonly number[], more: Partial<Series> = {}): Series => ({
  id: 'id',
  label: 'label',
  colour: 1,
  values,
  ...more,
});

test('bars are stacked upward, and those below the axis downward', () => {
  const ends = stacked([series([1, 2]), series([10, 0]), series([3, 4], { isBelow: true })]);
  expect(ends).toEqual([
    [1, 2],
    [11, 2],
    [-3, -4],
  ]);
});

test('the legend shows the sum of counts, and the last value of a level', () => {
  expect(totalOf(series([1, 2, 3]))).toBe(6);
  expect(totalOf(series([1, 2, 3], { total: 'last' }))).toBe(3);
  expect(totalOf(series([], { total: 'last' }))).toBe(0);
});

test('a bar stands in the middle of its bucket, and the axis shows whole buckets', () => {
  const hours = { kind: 'time', startsMs: [0, 3_600_000], bucketMs: 3_600_000 } as const;
  expect(axisValues(hours)).toEqual([1_800, 5_400]);
  expect(axisRange(hours)).toEqual([0, 7_200]);
  expect(axisRange({ kind: 'classes', labels: ['a', 'b', 'c'] })).toEqual([-0.5, 2.5]);
});
