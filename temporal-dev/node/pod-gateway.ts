import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** Ports of the bridge address at which pods reach the services of the stack. The services listen on a loopback address. */
export const POD_PORTS = { kubernetes: 6_443, postgres: 5_432, temporal: 7_233, traces: 4_318 } as const;

interface Passage {
  /** Port on the address of the gateway. */
  readonly port: number;
  /** Port on the loopback address. */
  readonly target: number;
}

/** Forwards TCP connections from an address that pods reach to services on the loopback address. */
export async function openPodGateway(
  passages: readonly Passage[],
  address: string,
): Promise<{ readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const servers = await Promise.all(passages.map((passage) => listen(passage, address, sockets)));
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    },
  };
}

async function listen({ port, target }: Passage, address: string, sockets: Set<Socket>): Promise<Server> {
  const server = createServer((client) => {
    const service = connect(target, '127.0.0.1');
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    // Each side ends with the other one.
    void pipeline(client, service, client).catch(() => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return server;
}
