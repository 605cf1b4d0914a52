import { describe, expect, test } from '@jest/globals';
import { cleanName, faultOfName, lengthOf } from './name.ts';

describe('faultOfName', () => {
  test.each([
    ['Acme Shoes', null],
    ['  Acme Shoes  ', null],
    ['Bäckerei Müller 🥐', null],
    ['\u200d👩\u200d🍳', null],
    ['', 'empty'],
    ['   ', 'empty'],
    ['\u200d', 'empty'],
    ['a\u0000b', 'notPrintable'],
    ['a\nb', 'notPrintable'],
    ['a\u00a0b', 'notPrintable'],
    ['x'.repeat(63), null],
    ['🥐'.repeat(63), null],
    ['x'.repeat(64), 'tooLong'],
  ])('%j has the fault %j', (name, fault) => {
    expect(faultOfName(name)).toBe(fault);
  });
});

test('counts code points of the composed form', () => {
  expect(lengthOf(cleanName(' u\u0308🥐 '))).toBe(2);
});
