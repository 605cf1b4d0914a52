import { expect, test } from '@jest/globals';
import { CATALOGUE, SHORT_FORM } from './catalogue.ts';

test('every fault of the short form is in the catalogue', () => {
  const kinds = new Set(CATALOGUE.map(({ kind }) => kind));
  expect([...SHORT_FORM].filter((kind) => !kinds.has(kind))).toEqual([]);
});

test('the catalogue has at least 25 faults, and each has a unique name', () => {
  expect(new Set(CATALOGUE.map(({ kind }) => kind)).size).toBe(CATALOGUE.length);
  expect(CATALOGUE.length).toBeGreaterThanOrEqual(25);
});
