import { expect, test } from '@jest/globals';
import { newUserCode, userCodeOf } from './user-code.ts';

test('a user code is easy to read and forms no word', () => {
  const code = newUserCode();
  expect(code).toMatch(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
  expect(userCodeOf(code)).toBe(code);
});

test.each([
  ['bdfg-hjkl', 'BDFG-HJKL'],
  [' BDFG hjkl ', 'BDFG-HJKL'],
  ['BDFGHJKL', 'BDFG-HJKL'],
  ['BDFG-HJK', undefined],
  ['ABCD-EFGH', undefined],
])('the code that a person types as %j is %j', (typed, code) => {
  expect(userCodeOf(typed)).toBe(code);
});
