import { expect, test } from '@jest/globals';
import { bytesOf, isLarger } from './quantity.ts';

test.each([
  ['1024', 1_024],
  ['1k', 1_000],
  ['1Ki', 1_024],
  ['1.5Gi', 1_610_612_736],
  ['10G', 10_000_000_000],
  ['12e6', 12_000_000],
  ['1Ei', 1_024 ** 6],
  ['', undefined],
  ['five', undefined],
  ['1gi', undefined],
])('%s is %s bytes', (quantity, bytes) => {
  expect(bytesOf(quantity)).toBe(bytes);
});

test.each([
  ['10Gi', '5Gi', true],
  ['10Gi', '10240Mi', false],
  ['10G', '10Gi', false],
  ['5Gi', 'a lot', false],
])('%s is larger than %s: %s', (quantity, other, larger) => {
  expect(isLarger(quantity, other)).toBe(larger);
});
