import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../test/harness/eventually.ts';
import { holderOfPort, listenerOn, listenersIn } from './listeners.ts';
import { freePort } from './ports.ts';

const servers: Server[] = [];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const { pid } of children.splice(0)) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
});

async function listen(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port; // an AddressInfo, because it listens on a TCP port
}

/** Starts a process group that listens. Returns its id. */
function listenInGroup(port: number, { inChild = false } = {}): number {
  const listens = `require('net').createServer().listen(${port}, '127.0.0.1')`;
  const spawns = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(listens)}]); setInterval(() => 0, 1000)`;
  const child = spawn(process.execPath, ['-e', inChild ? spawns : listens], { detached: true });
  children.push(child);
  return child.pid ?? 0;
}

describe('the holder of a port', () => {
  test.each([
    ['the leader of the group', false],
    ['a child of the leader', true],
  ])('is its own group when %s listens', async (_who, inChild) => {
    const port = await freePort();
    const group = listenInGroup(port, { inChild });
    await eventually(() => holderOfPort(port, group).kind === 'own');
  });

  test.each(['127.0.0.1', '0.0.0.0', '::'])(
    'is foreign, with its name, when another process listens on %s',
    async (host) => {
      const port = await listen(host);
      const idle = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { detached: true });
      children.push(idle);
      const listener = { pid: process.pid, command: expect.any(String) };
      expect(holderOfPort(port, idle.pid ?? 0)).toMatchObject({ kind: 'foreign', process: listener });
      expect(listenerOn(port)).toMatchObject(listener);
    },
  );

  test('is none when nothing listens, or only on an address that clients of the loopback address do not reach', async () => {
    const port = await freePort();
    expect(holderOfPort(port, process.pid)).toEqual({ kind: 'none' });
    expect(listenerOn(port)).toBeUndefined();
  });

  test('is looked for at another loopback address', async () => {
    if (process.platform !== 'linux') return; // macOS has only 127.0.0.1
    const port = await listen('127.0.0.2');
    const [group, idle] = [listenInGroup(await freePort()), 2];
    await eventually(() => holderOfPort(port, group, '127.0.0.2').kind === 'foreign');
    expect(holderOfPort(port, idle)).toEqual({ kind: 'none' });
  });
});

test('reads the processes and addresses of lsof', () => {
  const output = 'p10\ng9\ncpostgres\nf7\nn127.0.0.1:25432\nf8\nn[::1]:25432\np20\ng20\ncnode\nf3\nn*:25432\n';
  expect(listenersIn(output)).toEqual([
    { pid: 10, group: 9, command: 'postgres', address: '127.0.0.1:25432' },
    { pid: 10, group: 9, command: 'postgres', address: '[::1]:25432' },
    { pid: 20, group: 20, command: 'node', address: '*:25432' },
  ]);
});
