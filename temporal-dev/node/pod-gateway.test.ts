import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { freePort } from '../processes/ports.ts';
import { openPodGateway } from './pod-gateway.ts';

test('forwards connections to the service, and closes them with the gateway', async () => {
  const service = createServer((_, response) => response.end('from the service'));
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port: target } = service.address() as AddressInfo; // a server that listens on a port has an AddressInfo
  const port = await freePort();
  const gateway = await openPodGateway([{ port, target }], '127.0.0.1');
  const url = `http://127.0.0.1:${port}`;
  expect(await (await fetch(url)).text()).toBe('from the service');
  await gateway.close();
  await expect(fetch(url)).rejects.toThrow();
  service.closeAllConnections();
  service.close();
});

test('rejects a port that is taken', async () => {
  const service = createServer();
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as AddressInfo; // a server that listens on a port has an AddressInfo
  await expect(openPodGateway([{ port, target: 1 }], '127.0.0.1')).rejects.toThrow('EADDRINUSE');
  service.close();
});
