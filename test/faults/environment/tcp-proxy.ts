import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** How the proxy treats its connections. */
export type LinkMode =
  | { readonly kind: 'open' }
  /** Connections are reset at once, as if no process listened on the port. */
  | { readonly kind: 'refused' }
  /** Connections stay open, but all bytes are dropped, as by a firewall. */
  | { readonly kind: 'hanging' }
  /** Requests are forwarded; responses are dropped. */
  | { readonly kind: 'responsesLost' }
  | { readonly kind: 'slow'; readonly delayMs: number };

/** A TCP proxy on loopback whose connections can be made to fail. */
export interface TcpProxy {
  readonly port: number;
  /** Changes the mode of new connections and of open connections. */
  setMode(mode: LinkMode): void;
  /**
   * Drops all bytes of the connections that are open now, and keeps them open. New connections work. This is what clients see
   * after a fail-over to another server behind the same address.
   */
  silenceOpenConnections(): void;
  /** Sets the target port of new connections. */
  setTarget(port: number): void;
  close(): Promise<void>;
}

interface Pair {
  readonly downstream: Socket;
  readonly upstream: Socket;
  isSilent: boolean;
}

/** Opens a proxy to a port on loopback. */
export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  let target = targetPort;
  let mode: LinkMode = { kind: 'open' };
  const pairs = new Set<Pair>();

  const server = createServer((downstream) => {
    downstream.on('error', () => downstream.destroy());
    if (mode.kind === 'refused') {
      downstream.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: target });
    const pair: Pair = { downstream, upstream, isSilent: false };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      downstream.destroy();
      upstream.destroy();
    };
    upstream.on('error', end);
    downstream.on('close', end);
    upstream.on('close', () => downstream.end(() => end()));
    for (const socket of [downstream, upstream]) socket.setNoDelay(true);
    downstream.on('data', (chunk: Buffer) => forward(chunk, pair, 'request'));
    upstream.on('data', (chunk: Buffer) => forward(chunk, pair, 'response'));
  });

  function forward(chunk: Buffer, { downstream, upstream, isSilent }: Pair, direction: 'request' | 'response'): void {
    if (isSilent) return;
    const to = direction === 'request' ? upstream : downstream;
    if (mode.kind === 'hanging' || (mode.kind === 'responsesLost' && direction === 'response')) return;
    if (mode.kind === 'slow') setTimeout(() => write(to, chunk), mode.delayMs);
    else write(to, chunk);
  }

  await listen(server);
  return {
    port: portOf(server),
    setMode: (next) => {
      const lostBytes = mode.kind === 'hanging' || mode.kind === 'responsesLost';
      mode = next;
      // A stream that has lost bytes is useless: reset it.
      if (next.kind === 'refused' || lostBytes) for (const { downstream } of pairs) downstream.resetAndDestroy();
    },
    silenceOpenConnections: () => {
      for (const pair of pairs) pair.isSilent = true;
    },
    setTarget: (port) => {
      target = port;
    },
    close: async () => {
      for (const { downstream, upstream } of pairs) {
        downstream.destroy();
        upstream.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function write(to: Socket, chunk: Buffer): void {
  if (!to.destroyed && to.writable) to.write(chunk);
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // a TCP server always has an AddressInfo
}
