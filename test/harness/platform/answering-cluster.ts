import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An HTTP server in place of a Kubernetes API, for responses that a real API server cannot be made to give. */
export interface AnsweringCluster {
  /** Path of a kubeconfig file. Its context `here` points to this server and is not the current context. */
  readonly kubeconfig: string;
  readonly context: 'here';
  /** Stops accepting connections. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the server on a free port of the loopback interface. */
export async function startAnsweringCluster(
  answer: RequestListener,
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<AnsweringCluster> {
  const server = createServer(answer);
  if (upgrade !== undefined) server.on('upgrade', upgrade);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a server that listens on a port has an AddressInfo
  const folder = await mkdtemp(join(tmpdir(), 'answering-cluster-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const content = {
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'other',
  };
  await writeFile(kubeconfig, JSON.stringify(content));

  async function stop(): Promise<void> {
    await new Promise((resolve) => void server.close(resolve));
  }

  return {
    kubeconfig,
    context: 'here',
    stop,
    async close() {
      server.closeAllConnections();
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
