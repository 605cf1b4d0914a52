import { expect, test } from '@jest/globals';
import { isLoopback, isLoopbackHost } from '../../domain/loopback.ts';
import { assertLoopback } from './loopback.ts';

test.each(['127.0.0.1', '127.8.8.8', 'localhost', 'LOCALHOST', 'shop.localhost', '::1', '[::1]'])(
  'accepts %s as an address of this machine',
  (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(() => assertLoopback({ AUTH: 'none', HOST: host })).not.toThrow();
  },
);

test.each(['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com', '1270.0.0.1', ''])(
  'rejects %j without authentication, with an error that names valid settings',
  (host) => {
    expect(isLoopback(host)).toBe(false);
    expect(isLoopbackHost(host)).toBe(false);
    expect(() => assertLoopback({ AUTH: 'none', HOST: host })).toThrow(/set HOST=127\.0\.0\.1 or AUTH=local$/);
    expect(() => assertLoopback({ AUTH: 'local', HOST: host })).not.toThrow();
  },
);

test('accepts the name of a store as an address of this machine, but not as the host of the API', () => {
  expect(isLoopback('shop.localhost')).toBe(true);
  expect(isLoopbackHost('shop.localhost')).toBe(false);
  expect(['localhost', '127.0.0.1', '[::1]'].map(isLoopbackHost)).toEqual([true, true, true]);
});
