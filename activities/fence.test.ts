import { expect, test } from '@jest/globals';
import { isLater } from './fence.ts';

test.each([
  ['run/step/2/a', 'run/step/1/b', true],
  ['run/step/10/a', 'run/step/9/b', true],
  ['run/step/1/a', 'run/step/2/b', false],
  ['run/step/1/a', 'run/step/1/b', false],
  ['run/other/9/a', 'run/step/1/b', false],
  ['old/step/9/a', 'run/step/1/b', false],
  [undefined, 'run/step/1/b', false],
  ['nonsense', 'run/step/1/b', false],
])('%s is later than %s: %s', (present, ours, later) => {
  expect(isLater(present, ours)).toBe(later);
});
