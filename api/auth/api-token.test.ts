import { describe, expect, test } from '@jest/globals';
import { assert, constantFrom, integer, property } from 'fast-check';
import { isApiToken, newApiToken } from './api-token.ts';
import { hashOf } from './secrets.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('an API token', () => {
  test('has a recognizable prefix, which is kept, and 256 random bits', () => {
    const { token, prefix, hash } = newApiToken();
    expect(token).toMatch(/^sp_[\w-]{49}$/);
    expect(token.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength(11);
    expect(hash).toEqual(hashOf(token));
    expect(newApiToken().token).not.toBe(token);
  });

  test('is accepted by its checksum, and no text with one wrong character is', () => {
    const { token } = newApiToken();
    expect(isApiToken(token)).toBe(true);
    assert(
      property(integer({ min: 0, max: token.length - 1 }), constantFrom(...ALPHABET.split('')), (at, character) => {
        const typed = token.slice(0, at) + character + token.slice(at + 1);
        expect(isApiToken(typed)).toBe(typed === token);
      }),
    );
  });

  test.each(['', 'sp_', 'sp_x', `sp_${'A'.repeat(49)}`, ` ${newApiToken().token}`, `${newApiToken().token}\n`])(
    '%j is not one',
    (text) => {
      expect(isApiToken(text)).toBe(false);
    },
  );
});
