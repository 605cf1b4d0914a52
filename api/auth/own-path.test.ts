import { expect, test } from '@jest/globals';
import { HOME, ownPath } from './own-path.ts';

test.each(['/', '/device?user_code=BCDF-GHJK', '/invitations/abc#top', '/a%2Fb'])('keeps the path %j', (path) => {
  expect(ownPath(path)).toBe(path);
});

test.each([
  undefined,
  '',
  'device',
  'https://evil.example',
  '//evil.example',
  String.raw`/\evil.example`,
  String.raw`\\evil.example`,
  '/.//evil.example',
  '/a/..//evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  String.raw`/.\/evil.example`,
  'javascript:alert(1)',
  `/${'a'.repeat(500)}`,
])('replaces %j by the home page', (value) => {
  expect(ownPath(value)).toBe(HOME);
});

test('returns only values that a browser resolves to the origin of the API', () => {
  for (const value of ['/x', '/.//e', '//e', '/%2f/e', '/..//e', '/\\e', '/;@e']) {
    expect(new URL(ownPath(value), 'https://api.example.com/login').origin).toBe('https://api.example.com');
  }
});
