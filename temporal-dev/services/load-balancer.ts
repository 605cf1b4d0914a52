import { connect, createServer, type Socket } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface LoadBalancer {
  /** Closes the port and all connections. */
  close(): Promise<void>;
}

/**
 * Forwards the connections of a port on loopback to a server that accepts connections: to one after the other, and to the next
 * one if a server refuses. When a server exits, its connections close, and the new ones of the clients go to the other servers.
 *
 * A server that is frozen still accepts connections, so it is not left out.
 *
 * @throws Error when the port is in use.
 */
export async function openLoadBalancer(port: number, servers: readonly Address[]): Promise<LoadBalancer> {
  const clients = new Set<Socket>();
  let turn = 0;
  const listener = createServer((client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => client.destroy());
    turn = (turn + 1) % servers.length;
    forward(client, [...servers.slice(turn), ...servers.slice(0, turn)]);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ port, host: '127.0.0.1' }, resolve);
  });
  return {
    close: async () => {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}

/** Connects a client to the first of the servers that accepts. Resets its connection if none does. */
function forward(client: Socket, [address, ...others]: readonly Address[]): void {
  if (client.destroyed) return;
  if (address === undefined) {
    client.resetAndDestroy();
    return;
  }
  const server = connect(address);
  const tryNext = (): void => forward(client, others);
  server.once('error', tryNext);
  server.once('connect', () => {
    server.off('error', tryNext);
    server.on('error', () => server.destroy());
    server.on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    for (const socket of [client, server]) socket.setNoDelay(true);
    client.pipe(server);
    server.pipe(client);
    if (client.destroyed) server.destroy();
  });
}
