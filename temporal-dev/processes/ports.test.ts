import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixedPorts, freePort, freePorts, portNeed, requireFree } from './ports.ts';

let listener: Server;
let portInUse: number;
beforeAll(async () => {
  listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  portInUse = (listener.address() as AddressInfo).port; // an AddressInfo, because it listens on a TCP port
});
afterAll(() => {
  listener.close();
});

/** Other systems have no loopback address but 127.0.0.1. */
const onLinux = process.platform === 'linux' ? test : test.skip;

describe('requireFree', () => {
  test('names the port in use, its service and the variable that changes it', async () => {
    const ports = { ...(await freePorts()), temporal: portInUse };
    const needs = [portNeed(ports, 'postgres'), portNeed(ports, 'temporal')];
    await expect(requireFree(needs)).rejects.toThrow(
      new RegExp(
        `^Port ${portInUse} for Temporal is in use.*: stop the process that listens on it, or set STACK_TEMPORAL_PORT`,
      ),
    );
  });

  test('reports two services with the same port', async () => {
    const ports = await freePorts();
    const api = { port: ports.etcd, purpose: 'the API', variable: 'PORT' };
    await expect(requireFree([portNeed(ports, 'etcd'), api])).rejects.toThrow(
      `Port ${ports.etcd} is assigned to both etcd and the API: set PORT to another port.`,
    );
  });

  onLinux('accepts the same port on two loopback addresses, and names the address of a port in use', async () => {
    const need = { port: portInUse, purpose: 'Temporal', variable: 'STACK_TEMPORAL_PORT' };
    const other = createServer();
    const { port } = await new Promise<AddressInfo>((resolve) =>
      other.listen(0, '127.0.0.2', () => resolve(other.address() as AddressInfo)),
    );
    await requireFree([
      { ...need, host: '127.0.0.2' },
      { ...need, host: '127.0.0.3' },
    ]);
    await expect(requireFree([{ ...need, port, host: '127.0.0.2' }])).rejects.toThrow(
      `Port ${port} of 127.0.0.2 for Temporal is in use`,
    );
    other.close();
  });

  test('accepts the result of freePorts, which contains no port twice', async () => {
    const ports = await freePorts();
    expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length);
    await requireFree([portNeed(ports, 'etcd'), portNeed(ports, 'kubernetes')]);
  });
});

test('freePort and freePorts return only ports below the range of outgoing connections', async () => {
  // The range starts at 32768 on Linux and higher on macOS.
  for (const port of [await freePort(), ...Object.values(await freePorts())]) expect(port).toBeLessThan(32_768);
});

describe('fixedPorts', () => {
  test('returns the documented ports with the changes of the environment', () => {
    expect(fixedPorts({ STACK_POSTGRES_PORT: '5433', STACK_ETCD_PORT: '' })).toEqual({
      ...fixedPorts({}),
      postgres: 5433,
    });
    expect(fixedPorts({}).temporal).toBe(7233);
  });

  test('lists all invalid variables in one error', () => {
    expect(() => fixedPorts({ STACK_POSTGRES_PORT: 'tcp://1', STACK_ETCD_PORT: '70000' })).toThrow(
      /STACK_POSTGRES_PORT=tcp:\/\/1, STACK_ETCD_PORT=70000/,
    );
  });
});
