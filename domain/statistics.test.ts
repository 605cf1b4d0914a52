import { expect, test } from '@jest/globals';
import { bucketStarts, defaultFrom, inBuckets, rangeProblem, readyHistogram, storesOverTime } from './statistics.ts';

const at = (text: string) => new Date(text);

test('a range of up to three days has hours, and a longer one has days', () => {
  const to = at('2026-01-04T10:30:00Z');
  expect(inBuckets({ from: at('2026-01-01T10:30:00Z'), to }).bucket).toBe('hour');
  expect(inBuckets({ from: at('2026-01-01T10:29:59Z'), to }).bucket).toBe('day');
});

test('the first bucket begins at a full hour or day, and the last one holds the end of the range', () => {
  const hours = inBuckets({ from: at('2026-01-01T10:59:00Z'), to: at('2026-01-01T12:00:01Z') });
  expect(bucketStarts(hours)).toEqual([10, 11, 12].map((hour) => at(`2026-01-01T${hour}:00:00Z`)));
  const days = inBuckets({ from: at('2026-01-01T23:00:00Z'), to: at('2026-01-05T00:00:00Z') });
  expect(bucketStarts(days)).toEqual([1, 2, 3, 4].map((day) => at(`2026-01-0${day}T00:00:00Z`)));
});

test('a range keeps its buckets when its first hour is completed', () => {
  const hours = inBuckets({ from: at('2026-01-01T10:30:00Z'), to: at('2026-01-04T10:30:00Z') });
  expect(bucketStarts(hours)).toHaveLength(73);
});

test.each([
  ['2026-01-02', '2026-01-01', 'must be earlier than to'],
  ['2026-01-01', '2026-01-01', 'must be earlier than to'],
  ['2026-01-01', '2026-04-02', 'must be at most 90 days before to'],
])('refuses the range from %s to %s', (from, to, detail) => {
  expect(rangeProblem({ from: at(from), to: at(to) })).toEqual({ field: 'from', detail });
});

test('allows the default range and the longest one', () => {
  const to = at('2026-04-01');
  expect(rangeProblem({ from: defaultFrom(to), to })).toBeUndefined();
  expect(rangeProblem({ from: at('2026-01-01'), to })).toBeUndefined();
});

test('each bucket has the number of stores at its end, also without a change', () => {
  const starts = [1, 2, 3].map((day) => at(`2026-01-0${day}`));
  const changes = [
    { at: at('2026-01-01'), created: 3, deleted: 1 },
    { at: at('2026-01-03'), created: 0, deleted: 5 },
  ];
  expect(
    storesOverTime(starts, 4, changes).map(({ created, deleted, resident }) => [created, deleted, resident]),
  ).toEqual([
    [3, 1, 6],
    [0, 0, 6],
    [0, 5, 1],
  ]);
});

test('a histogram has all classes, and the last one has no upper end', () => {
  const classes = readyHistogram(
    new Map([
      [1, 7],
      [12, 2],
    ]),
  );
  expect(classes).toHaveLength(13);
  expect(classes[1]).toEqual({ upToSeconds: 10, count: 7 });
  expect(classes.at(-1)).toEqual({ upToSeconds: null, count: 2 });
  expect(classes.filter(({ count }) => count === 0)).toHaveLength(11);
});
