import { expect, test } from '@jest/globals';
import { seal, unseal } from './sealed-response.ts';

const BODY = { token: 'sp_secret' };

test('a sealed response can be opened with its key only, and shows nothing of its content', () => {
  const sealed = seal(BODY, 'key', 'context');
  expect(unseal(sealed, 'key', 'context')).toEqual(BODY);
  expect(sealed.includes('sp_secret')).toBe(false);
  expect(() => unseal(sealed, 'other', 'context')).toThrow();
  expect(() => unseal(sealed, 'key', 'other')).toThrow();
});

test('a changed response cannot be opened, and no two sealed responses are equal', () => {
  const sealed = seal(BODY, 'key', 'context');
  expect(seal(BODY, 'key', 'context').equals(sealed)).toBe(false);
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  expect(() => unseal(sealed, 'key', 'context')).toThrow();
});
