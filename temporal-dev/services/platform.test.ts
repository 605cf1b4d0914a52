import { expect, test } from '@jest/globals';
import { apiUrl } from './platform.ts';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:3001'],
  ['0.0.0.0', 'http://127.0.0.1:3001'],
  ['::1', 'http://[::1]:3001'],
])('returns the loopback URL of an API that listens on %s: %s', (host, url) => {
  expect(apiUrl({ HOST: host, PORT: 3001 })).toBe(url);
});
