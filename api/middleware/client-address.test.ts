import { describe, expect, test } from '@jest/globals';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';
import { listen } from '../server.ts';
import { addressBehind, addressKey } from './client-address.ts';

describe('the address of a client', () => {
  test.each([
    ['without trusted proxies is that of the connection', '203.0.113.7', '198.51.100.1', 0, '203.0.113.7'],
    ['behind one proxy is the last entry', '10.0.0.1', '6.6.6.6, 198.51.100.1', 1, '198.51.100.1'],
    ['behind two proxies is the last entry but one', '10.0.0.1', '6.6.6.6, 198.51.100.1, 10.0.0.2', 2, '198.51.100.1'],
    ['is that of the connection if the request passed fewer proxies', '10.0.0.1', '6.6.6.6', 3, '10.0.0.1'],
    ['is that of the connection without a header', '10.0.0.1', undefined, 1, '10.0.0.1'],
    ['is that of the connection if the entry is no address', '10.0.0.1', 'unknown', 1, '10.0.0.1'],
    ['can be an IPv6 address', '10.0.0.1', ' 2001:db8::1 ', 1, '2001:db8::1'],
  ])('%s', (_, peer, forwardedFor, hops, expected) => {
    expect(addressBehind(peer, forwardedFor, hops)).toBe(expected);
  });
});

test('the log has the address that the trusted proxy saw', async () => {
  const api = fakeApi({ trustedProxyHops: 1 });
  const server = await listen(api.app, { host: '127.0.0.1', port: 0 });
  await fetch(`${server.url}/api/stores`, { headers: { 'x-forwarded-for': '6.6.6.6, 198.51.100.7' } });
  await server.close(0);
  expect(api.logLines.at(-1)).toMatchObject({ clientAddress: '198.51.100.7' });
});

describe('the key of an address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['', 'unknown'],
  ])('of %j is %j', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
