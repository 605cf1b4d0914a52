import { expect, test } from '@jest/globals';
import { isLater } from './fence.ts';

test.each([
  ['5/run/step/2/a', '5/run/step/1/b', true],
  ['5/run/step/10/a', '5/run/step/9/b', true],
  ['5/run/step/1/a', '5/run/step/2/b', false],
  ['5/run/step/1/a', '5/run/step/1/b', false],
  // The clock of the server was set back between two attempts of an activity.
  ['9/run/step/1/a', '5/run/step/2/b', false],
  ['5/run/step/2/a', '9/run/step/1/b', true],
  // The next attempt is scheduled after the token of an earlier run.
  ['9/old/step/1/a', '5/run/step/1/b', true],
  ['9/old/step/1/a', '10/run/step/2/b', false],
  ['5/run/other/9/a', '5/run/step/1/b', false],
  ['6/run/other/1/a', '5/run/step/9/b', true],
  ['6/next/step/1/a', '5/run/step/9/b', true],
  ['4/old/step/9/a', '5/run/step/1/b', false],
  ['10/next/step/1/a', '9/run/step/1/b', true],
  ['run/step/9/a', '5/run/step/1/b', false],
  [undefined, '5/run/step/1/b', false],
  ['nonsense', '5/run/step/1/b', false],
])('%s is later than %s: %s', (present, ours, later) => {
  expect(isLater(present, ours)).toBe(later);
});
