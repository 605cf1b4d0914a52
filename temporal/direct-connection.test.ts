import { expect, test } from '@jest/globals';
import { directToLoopback } from './direct-connection.ts';

test.each([
  undefined,
  '127.0.0.1:7233',
  '127.8.8.8',
  'localhost:7233',
  'LOCALHOST:7233',
  'temporal.localhost:7233',
  '[::1]:7233',
  'dns:///localhost:7233',
  'ipv4:127.0.0.1:7233',
])('a connection to %s takes no proxy', (address) => {
  const options = address === undefined ? {} : { address };
  expect(directToLoopback(options)).toEqual({ ...options, channelArgs: { 'grpc.enable_http_proxy': 0 } });
});

test.each(['temporal.example.com:7233', '10.0.0.1:7233', '127.0.0.1.example.com:7233', 'localhost.example.com', 'a b'])(
  'a connection to %s may take the proxy of the environment',
  (address) => {
    const options = { address, tls: {} };
    expect(directToLoopback(options)).toBe(options);
  },
);
