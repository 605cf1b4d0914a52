import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixedPorts, freePorts, portNeed, requireFree } from './ports.ts';

let taken: Server;
let takenPort: number;
beforeAll(async () => {
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  takenPort = (taken.address() as AddressInfo).port; // it listens on a port, not on a pipe
});
afterAll(() => {
  taken.close();
});

describe('requireFree', () => {
  test('names a taken port, what it is for and the variable that changes it', async () => {
    const ports = { ...(await freePorts()), temporal: takenPort };
    const needs = [portNeed(ports, 'postgres', 'Postgres'), portNeed(ports, 'temporal', 'Temporal')];
    await expect(requireFree(needs)).rejects.toThrow(
      new RegExp(`^Port ${takenPort} for Temporal is taken.*: stop what listens there, or set STACK_TEMPORAL_PORT`),
    );
  });

  test('finds two that want the same port', async () => {
    const ports = await freePorts();
    const api = { port: ports.etcd, purpose: 'the API', variable: 'PORT' };
    await expect(requireFree([portNeed(ports, 'etcd', 'etcd'), api])).rejects.toThrow(
      `Port ${ports.etcd} is meant for etcd and for the API: change PORT.`,
    );
  });

  test('is content with free ports, which all differ', async () => {
    const ports = await freePorts();
    expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length);
    await requireFree([portNeed(ports, 'etcd', 'etcd'), portNeed(ports, 'kubernetes', 'the Kubernetes API')]);
  });
});

test('free ports are none that an outgoing connection could be given', async () => {
  // Linux; macOS begins higher.
  for (const port of Object.values(await freePorts())) expect(port).toBeLessThan(32_768);
});

describe('fixedPorts', () => {
  test('gives the documented ports, changed by the environment', () => {
    expect(fixedPorts({ STACK_POSTGRES_PORT: '5433', STACK_ETCD_PORT: '' })).toEqual({
      ...fixedPorts({}),
      postgres: 5433,
    });
    expect(fixedPorts({}).temporal).toBe(7233);
  });

  test('tells every bad variable at once', () => {
    expect(() => fixedPorts({ STACK_POSTGRES_PORT: 'tcp://1', STACK_ETCD_PORT: '70000' })).toThrow(
      /STACK_POSTGRES_PORT=tcp:\/\/1, STACK_ETCD_PORT=70000/,
    );
  });
});
