import { expect, test } from '@jest/globals';
import { initialLanguage } from './language.tsx';

test.each([
  [null, ['de-AT', 'en'], 'de'],
  [null, ['fr', 'de'], 'de'],
  [null, ['fr'], 'en'],
  ['en', ['de'], 'en'],
  ['xx', ['de'], 'de'],
] as const)('stored %s, browser %j: %s', (stored, preferred, language) => {
  expect(initialLanguage(stored, preferred)).toBe(language);
});
