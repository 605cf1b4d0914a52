import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What a connection does to those who use it. */
export type LinkMode =
  | { readonly kind: 'open' }
  /** Nothing is there: connections end at once. */
  | { readonly kind: 'refused' }
  /** Everything is taken and nothing answered, as behind a firewall that drops. */
  | { readonly kind: 'hanging' }
  /** What is sent arrives; what is answered does not. */
  | { readonly kind: 'mute' }
  | { readonly kind: 'slow'; readonly delayMs: number };

/** A loopback TCP connection that can be made to fail. */
export interface TcpProxy {
  readonly port: number;
  /** Applies to open connections, too: what they carry from now on. */
  setMode(mode: LinkMode): void;
  /** Where new connections lead. */
  setTarget(port: number): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Opens a proxy to a port of this machine. */
export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  let target = targetPort;
  let mode: LinkMode = { kind: 'open' };
  const pairs = new Set<Pair>();

  const server = createServer((near) => {
    near.on('error', () => near.destroy());
    if (mode.kind === 'refused') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: target });
    const pair: Pair = { near, far };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    far.on('error', end);
    near.on('close', end);
    far.on('close', () => near.end(() => end()));
    for (const socket of [near, far]) socket.setNoDelay(true);
    near.on('data', (chunk: Buffer) => carry(chunk, far, 'asked'));
    far.on('data', (chunk: Buffer) => carry(chunk, near, 'answered'));
  });

  function carry(chunk: Buffer, to: Socket, direction: 'asked' | 'answered'): void {
    if (mode.kind === 'hanging' || (mode.kind === 'mute' && direction === 'answered')) return;
    if (mode.kind === 'slow') setTimeout(() => write(to, chunk), mode.delayMs);
    else write(to, chunk);
  }

  await listen(server);
  return {
    port: portOf(server),
    setMode: (next) => {
      const lostBytes = mode.kind === 'hanging' || mode.kind === 'mute';
      mode = next;
      // A stream that has lost bytes can't be gone on with.
      if (next.kind === 'refused' || lostBytes) for (const { near } of pairs) near.resetAndDestroy();
    },
    setTarget: (port) => {
      target = port;
    },
    close: async () => {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
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
  return (server.address() as AddressInfo).port; // a TCP server has an address of this kind
}
