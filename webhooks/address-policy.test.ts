import { describe, expect, test } from '@jest/globals';
import { createAddressPolicy } from './address-policy.ts';

const publicOnly = createAddressPolicy([], async () => []);

/** Addresses that lead into a network of the platform, to this machine, or nowhere. */
const REFUSED = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  'fd00::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::7f00:1',
  '2002:7f00:1::',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:db8::1',
  'localhost',
  '',
];

describe('a connection', () => {
  test.each(REFUSED)('to %j is refused', (address) => {
    expect(publicOnly.problemOf({ address, protocol: 'https:', port: 443 })).toBeDefined();
  });

  test.each(['93.184.215.14', '::ffff:93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])(
    'to the public address %s is allowed, by https at port 443 only',
    (address) => {
      expect(publicOnly.problemOf({ address, protocol: 'https:', port: 443 })).toBeUndefined();
      expect(publicOnly.problemOf({ address, protocol: 'https:', port: 8443 })).toBe('its port must be 443');
      expect(publicOnly.problemOf({ address, protocol: 'http:', port: 443 })).toBe('it must begin with https://');
    },
  );

  test('to an address in an allowed network may use http and any port; all others stay refused', () => {
    const policy = createAddressPolicy(['10.20.0.0/16', 'fd00:1::/32'], async () => []);
    const to = (address: string) => policy.problemOf({ address, protocol: 'http:', port: 8080 });
    expect(to('10.20.3.4')).toBeUndefined();
    expect(to('::ffff:10.20.3.4')).toBeUndefined();
    expect(to('fd00:1::7')).toBeUndefined();
    expect(to('10.21.0.1')).toBe('its address is not public');
    expect(to('fd00:2::7')).toBe('its address is not public');
    expect(to('93.184.215.14')).toBe('it must begin with https://');
  });
});

describe('a URL', () => {
  const NOT_PUBLIC = 'its address is not public';
  const HTTPS = 'it must begin with https://';

  test.each([
    ['https://127.0.0.1/', NOT_PUBLIC],
    ['https://2130706433/', NOT_PUBLIC],
    ['https://0x7f000001/', NOT_PUBLIC],
    ['https://0177.0.0.1/', NOT_PUBLIC],
    ['https://127.1/', NOT_PUBLIC],
    ['https://[::1]/', NOT_PUBLIC],
    ['https://[::ffff:7f00:1]/', NOT_PUBLIC],
    ['https://169.254.169.254/latest/meta-data/', NOT_PUBLIC],
    ['http://93.184.215.14/', HTTPS],
    ['https://93.184.215.14:8443/', 'its port must be 443'],
    ['ftp://93.184.215.14/', HTTPS],
    ['file:///etc/passwd', HTTPS],
    ['javascript:alert(1)', HTTPS],
    ['https://user:secret@93.184.215.14/', 'it must have no user name and no password'],
    ['https://93.184.215.14/#part', 'it must have no fragment'],
    ['not a url', 'it is not a URL'],
    ['/relative', 'it is not a URL'],
  ])('%s is refused', async (url, problem) => {
    expect(await publicOnly.problemOfUrl(url)).toBe(problem);
  });

  test('is refused when one of the addresses of its host is not public', async () => {
    const policy = createAddressPolicy([], async () => ['93.184.215.14', '10.0.0.1']);
    expect(await policy.problemOfUrl('https://receiver.example/')).toBe(NOT_PUBLIC);
  });

  test('is accepted without an address of its host, because each connection is checked again', async () => {
    expect(await publicOnly.problemOfUrl('https://receiver.example/hooks?tenant=1')).toBeUndefined();
    expect(await publicOnly.problemOfUrl('http://receiver.example/')).toBe(HTTPS);
    expect(await publicOnly.problemOfUrl('https://receiver.example:444/')).toBe('its port must be 443');
  });

  test('in an allowed network may use http and any port', async () => {
    const policy = createAddressPolicy(['127.0.0.0/8'], async () => ['127.0.0.1']);
    expect(await policy.problemOfUrl('http://127.0.0.1:9000/hooks')).toBeUndefined();
    expect(await policy.problemOfUrl('http://receiver.internal:9000/hooks')).toBeUndefined();
  });
});

test('resolves names with DNS by default', async () => {
  expect(await createAddressPolicy([]).problemOfUrl('https://localhost/')).toBe('its address is not public');
});
