import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import getPort from 'get-port';
import { openLoadBalancer, type LoadBalancer } from './load-balancer.ts';

let balancer: LoadBalancer | undefined;
const servers: Server[] = [];
afterEach(async () => {
  await balancer?.close();
  for (const server of servers.splice(0)) server.close();
});

/** Starts a server that sends its name and then everything that it receives. Returns its address and a way to kill it. */
async function startServer(name: string) {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.write(`${name} `);
    socket.pipe(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // an AddressInfo, because it listens on a TCP port
  const kill = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { host: '127.0.0.1', port, kill };
}

async function open(addresses: readonly { readonly host: string; readonly port: number }[]): Promise<number> {
  const port = await getPort({ host: '127.0.0.1' });
  balancer = await openLoadBalancer(port, addresses);
  return port;
}

/** Connects, sends a line and returns the answer. */
async function ask(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
    if (answer.includes('hello')) socket.end();
  });
  socket.write('hello');
  await once(socket, 'close');
  return answer;
}

test('forwards the connections to all servers in turn, in both directions', async () => {
  const port = await open([await startServer('first'), await startServer('second')]);
  const answers = [await ask(port), await ask(port), await ask(port)];
  expect(answers.filter((answer) => answer === 'first hello')).not.toEqual([]);
  expect(answers.filter((answer) => answer === 'second hello')).not.toEqual([]);
});

test('closes the connections of a server that exits, and forwards new ones to the other server', async () => {
  const [first, second] = [await startServer('first'), await startServer('second')];
  const port = await open([first, second]);
  const clients = [0, 1].map(() => connect({ port, host: '127.0.0.1' }));
  const names = await Promise.all(clients.map(async (client) => String((await once(client, 'data'))[0])));
  const ofFirst = clients[names.indexOf('first ')];
  first.kill();
  await once(ofFirst ?? clients[0]!, 'close');
  expect([await ask(port), await ask(port), await ask(port)]).toEqual(Array(3).fill('second hello'));
  for (const client of clients) client.destroy();
});

test('resets a connection when no server accepts it, and works again when one does', async () => {
  const first = await startServer('first');
  first.kill();
  const port = await open([first]);
  await expect(ask(port)).rejects.toThrow(/ECONNRESET/);
  const again = createServer((socket) => socket.end('back hello'));
  servers.push(again);
  again.listen(first.port, '127.0.0.1');
  await once(again, 'listening');
  expect(await ask(port)).toBe('back hello');
});
