import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { ensureClusterPki } from '../../temporal-dev/services/kubernetes-pki.ts';
import { FakeMedusa } from '../../test/fake-shops/fake-medusa.ts';
import { type FakeShopServer, serveFakeShop } from '../../test/fake-shops/serve.ts';
import { clusterInput, openTestCluster, type TestCluster } from '../../test/harness/platform/cluster-activities.ts';
import { eventually, kubeClients, testStack, uniqueName } from '../../test/harness/stack/stack.ts';
import { connectToStorefront } from './merchant-connection.ts';
import { createStoreHttp } from './store-http.ts';

/** The API server of the stack is real. This test plays the kubelet of one node, which is never ready. */
const { store } = clusterInput();
const { namespace } = store;
const node = uniqueName('unready'); // after the simulated node in a list, which other tests use as the first
const { core } = kubeClients();
const labels = { app: 'storefront' };
const forwarded: string[] = [];
let shop: FakeShopServer;
let kubelet: ReturnType<typeof createServer>;
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster();
  shop = await serveFakeShop(new FakeMedusa().app);
  kubelet = await startKubelet((socket) => forwardTo(Number(new URL(shop.url).port), socket));
  const { port } = kubelet.address() as AddressInfo; // a TCP server has this type of address
  await core.createNode({ body: { metadata: { name: node }, spec: { unschedulable: true } } });
  // The controller of nodes changes a new node at the same time.
  await eventually(async () => replaceStatusOfNode(port).then(() => true));
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const ports = [{ port: 80, targetPort: 'http' }];
  await core.createNamespacedService({
    namespace,
    body: { metadata: { name: 'storefront' }, spec: { selector: labels, ports } },
  });
  // Admission refuses pods until the service account of the namespace exists.
  await eventually(async () => createPod().then(() => true));
});
afterAll(async () => {
  await core.deleteNamespace({ name: namespace });
  await core.deleteNode({ name: node });
  kubelet.closeAllConnections();
  kubelet.close();
  await shop.stop();
});

async function replaceStatusOfNode(port: number): Promise<void> {
  const body = await core.readNode({ name: node });
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  await core.replaceNodeStatus({ name: node, body: Object.assign(body, { status }) });
}

async function createPod(): Promise<void> {
  const container = { name: 'shop', image: 'shop:1', ports: [{ name: 'http', containerPort: 8000 }] };
  const created = await core.createNamespacedPod({
    namespace,
    body: { metadata: { name: 'storefront-1', labels }, spec: { nodeName: node, containers: [container] } },
  });
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  await core.replaceNamespacedPodStatus({ namespace, name: 'storefront-1', body: Object.assign(created, { status }) });
}

async function startKubelet(forward: (socket: WebSocket) => void) {
  const pki = await ensureClusterPki(join(dirname(testStack().KUBECONFIG), 'pki'));
  const server = createServer({ cert: readFileSync(pki.servingCertFile), key: readFileSync(pki.servingKeyFile) });
  const sockets = new WebSocketServer({
    noServer: true,
    // The protocol that every kubelet supports.
    handleProtocols: (offered) => (offered.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : false),
  });
  server.on('upgrade', (request, socket, head) => {
    forwarded.push(request.url ?? '');
    sockets.handleUpgrade(request, socket, head, forward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Sends the port on both channels, as a kubelet does, and connects the data channel to a port of this machine. */
function forwardTo(port: number, socket: WebSocket): void {
  for (const channel of [0, 1]) socket.send(Buffer.from([channel, 0x40, 0x1f]));
  const tcp = connect(port, '127.0.0.1');
  socket.on('message', (data: Buffer) => tcp.write(data.subarray(1)));
  tcp.on('data', (data) => socket.send(Buffer.concat([Buffer.from([0]), data])));
  tcp.on('close', () => socket.close());
  socket.on('close', () => tcp.destroy());
}

test('the API server passes the requests of the merchant to the pod behind the Service', async () => {
  const http = createStoreHttp({
    baseUrl: 'https://acme.shops.example',
    connect: () => connectToStorefront(cluster.kube, store),
  });
  const body = { email: 'nobody@example.com', password: 'wrong' };
  const signIn = http.request({
    step: 'sign-in',
    method: 'POST',
    path: '/auth/user/emailpass',
    body,
    answer: z.unknown(),
  });
  await expect(signIn).rejects.toMatchObject({ reason: 'refused', answer: { status: 401 } });
  expect(shop.requests).toEqual(['POST /auth/user/emailpass']);
  // The credentials of the platform stay with the API server.
  expect(shop.received.join()).not.toContain('authorization');
  expect(forwarded).toEqual([
    expect.stringMatching(new RegExp(`^/portForward/${namespace}/storefront-1\\?port=8000$`)),
  ]);
  await http.close();
});

test('a pod that is not on the cluster any more is no address of the store', async () => {
  await core.deleteNamespacedPod({ namespace, name: 'storefront-1', gracePeriodSeconds: 0 });
  await expect(connectToStorefront(cluster.kube, store)).rejects.toThrow('Service/storefront has no ready pod');
});
