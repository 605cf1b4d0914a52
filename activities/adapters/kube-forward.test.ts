import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { eventually } from '../../test/harness/eventually.ts';
import { type AnsweringCluster, startAnsweringCluster } from '../../test/harness/platform/answering-cluster.ts';
import { createStoreHttp, type StoreAddress, type StoreHttp } from '../verification/store-http.ts';
import { openKube } from './kube.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port; // a TCP server has this type of address
}

function openHttp(address: StoreAddress): StoreHttp {
  const http = createStoreHttp(address);
  closing.push(() => http.close());
  return http;
}

const DATA = 0;
const ERROR = 1;

function message(channel: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([channel]), content]);
}

/** Serves the port forwarding of an API server. `node` gets each WebSocket after the port number was sent, as a node does. */
async function startCluster(node: (socket: WebSocket) => void) {
  const paths: string[] = [];
  const open = new Set<WebSocket>();
  const sockets = new WebSocketServer({ noServer: true });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    paths.push(request.url ?? '');
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      open.add(accepted);
      accepted.on('close', () => open.delete(accepted));
      for (const channel of [DATA, ERROR]) accepted.send(message(channel, Buffer.from([0x40, 0x1f])));
      node(accepted);
    });
  };
  const cluster = await startAnsweringCluster((_request, response) => void response.writeHead(404).end(), upgrade);
  closing.push(async () => {
    for (const socket of open) socket.terminate();
    await cluster.close();
  });
  return { kube: openKube(cluster), paths, open };
}

/** Connects each WebSocket to a port of this machine. */
function connectedTo(port: number): (socket: WebSocket) => void {
  return (socket) => {
    const tcp = connect(port, '127.0.0.1');
    socket.on('message', (data: Buffer) => tcp.write(data.subarray(1)));
    tcp.on('data', (data) => socket.send(message(DATA, data)));
    tcp.on('close', () => socket.close());
    socket.on('close', () => tcp.destroy());
  };
}

const TARGET = { namespace: 'store-acme', pod: 'storefront-1', port: 8000 };

describe('a connection to a pod through the Kubernetes API', () => {
  test('carries requests and answers, and is closed with its client', async () => {
    const shop = await listen(
      createServer((request, response) => {
        void text(request).then((body) => response.end(JSON.stringify({ body, headers: request.headers })));
      }),
    );
    const { kube, paths, open } = await startCluster(connectedTo(shop));
    const http = createStoreHttp({ baseUrl: 'https://acme.shops.example', connect: () => kube.forward(TARGET) });
    const request = { step: 's', method: 'POST', path: '/auth?a=b', answer: z.looseObject({}) } as const;
    const password = 'x'.repeat(300_000);
    const first = await http.request({ ...request, body: { password } });
    const second = await http.request({ ...request, headers: { authorization: 'Bearer of-the-store' } });
    expect(first.body).toMatchObject({ body: JSON.stringify({ password }), headers: { host: 'acme.shops.example' } });
    // The credentials of the platform are not part of the forwarded bytes.
    expect(second.body).toMatchObject({ headers: { authorization: 'Bearer of-the-store' } });
    expect(paths).toEqual(['/api/v1/namespaces/store-acme/pods/storefront-1/portforward?ports=8000']);
    await http.close();
    await eventually(async () => open.size === 0 || undefined, { deadlineMs: 5_000 });
  });

  test('that the node cannot open fails with the reason of the node', async () => {
    const { kube } = await startCluster((socket) => {
      socket.send(message(ERROR, Buffer.from('dial tcp4 127.0.0.1:8000: connection refused')));
    });
    const http = openHttp({ baseUrl: 'http://acme.example', connect: () => kube.forward(TARGET) });
    const read = http.request({ step: 's', method: 'POST', path: '/', answer: z.unknown() });
    await expect(read).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringMatching(/port 8000 of Pod\/storefront-1 in the namespace store-acme: dial .* refused$/),
    });
  });

  test('that the store closes without an answer is unreachable', async () => {
    const { kube } = await startCluster((socket) => socket.on('message', () => socket.close()));
    const http = openHttp({ baseUrl: 'http://acme.example', connect: () => kube.forward(TARGET) });
    const read = http.request({ step: 's', method: 'POST', path: '/', answer: z.unknown() });
    await expect(read).rejects.toMatchObject({ reason: 'unreachable' });
  });

  test.each([
    [401, /did not accept the credentials/],
    [403, /needs the permissions to get and create pods\/portforward/],
    [404, /the pod does not exist any more/],
    [500, /HTTP 500/],
  ])('that the API server refuses with %i is retryable and says what to do', async (status, problem) => {
    const cluster: AnsweringCluster = await startAnsweringCluster(
      (_request, response) => void response.writeHead(404).end(),
      (_request, socket) => void socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`),
    );
    closing.push(() => cluster.close());
    await expect(openKube(cluster).forward(TARGET)).rejects.toMatchObject({
      code: 'CLUSTER_UNAVAILABLE',
      message: expect.stringMatching(problem),
    });
  });

  test('to an API server that is down is retryable', async () => {
    const cluster = await startAnsweringCluster(() => undefined);
    const kube = openKube(cluster);
    await cluster.close();
    await expect(kube.forward(TARGET)).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  });
});
