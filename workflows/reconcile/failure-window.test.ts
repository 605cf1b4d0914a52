import { expect, test } from '@jest/globals';
import { FailureWindow } from './failure-window.ts';

function windowAfter(results: readonly (string | undefined)[]): FailureWindow {
  const window = new FailureWindow();
  for (const result of results) window.add(result);
  return window;
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

test('reports the cause that most stores of a group share', () => {
  const results = [...times(5, undefined), ...times(20, 'open-cart: unreachable')];
  expect(windowAfter(results).sharedCause).toBe('open-cart: unreachable');
});

test.each([
  ['few stores fail', [...times(6, undefined), ...times(19, 'a'), ...times(6, undefined)]],
  ['the causes differ', [...times(12, 'a'), ...times(13, 'b')]],
  ['the failures are spread over the pass', Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'a' : undefined))],
])('reports none when %s', (_, results) => {
  expect(windowAfter(results).sharedCause).toBeUndefined();
});
