import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { z } from 'zod';
import { openKube } from '../activities/adapters/kube.ts';
import { createStoreHttp } from '../activities/verification/store-http.ts';
import { openDb } from '../db/connection/open-db.ts';
import { createLogger } from '../telemetry/logger.ts';
import { directToLoopback } from '../temporal/direct-connection.ts';
import { asActivity } from './harness/platform/cluster-activities.ts';

/** A proxy that the environment names, for downloads or for the servers of a company, must not get local traffic. */

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);
const EXCEPTIONS = ['no_proxy', 'NO_PROXY', 'no_grpc_proxy'];

/** A server that counts its connections and closes each of them. */
interface Listener {
  readonly server: Server;
  readonly port: number;
  connections: number;
}

async function startListener(): Promise<Listener> {
  const server = createServer((socket) => {
    listener.connections += 1;
    socket.on('error', () => undefined).destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const listener: Listener = { server, port: address.port, connections: 0 };
  return listener;
}

let proxy: Listener;
let target: Listener;
let environment: NodeJS.ProcessEnv;
beforeEach(async () => {
  [proxy, target] = await Promise.all([startListener(), startListener()]);
  environment = { ...process.env };
  for (const name of EXCEPTIONS) delete process.env[name];
  for (const name of PROXY_VARIABLES) process.env[name] = `http://127.0.0.1:${proxy.port}`;
});
afterEach(() => {
  for (const name of PROXY_VARIABLES) delete process.env[name];
  Object.assign(process.env, environment);
  proxy.server.close();
  target.server.close();
});

/** Every client of the platform, and a call with which it connects. The call fails, because the target closes. */
const CLIENTS: readonly (readonly [string, (port: number) => Promise<unknown>])[] = [
  [
    'the Temporal client',
    (port) => Connection.connect(directToLoopback({ address: `127.0.0.1:${port}`, connectTimeout: 500 })),
  ],
  ['the Temporal worker', (port) => NativeConnection.connect({ address: `127.0.0.1:${port}` })],
  ['the Kubernetes client', listNamespaces],
  ['the HTTP client of the verification', readStore],
  ['the Postgres client', queryDatabase],
];

async function listNamespaces(port: number): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'proxies-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const cluster = { name: 'c', cluster: { server: `https://127.0.0.1:${port}` } };
  const context = { name: 'c', context: { cluster: 'c', user: 'u' } };
  const users = [{ name: 'u', user: { token: 'x' } }];
  await writeFile(kubeconfig, JSON.stringify({ clusters: [cluster], contexts: [context], users }));
  try {
    const kube = openKube({ context: 'c', kubeconfig });
    return await asActivity(() => kube.call('list namespaces', () => kube.core.listNamespace()), undefined);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readStore(port: number): Promise<unknown> {
  const http = createStoreHttp({ baseUrl: `http://acme.localhost:${port}` });
  try {
    return await http.request({ step: 'read', method: 'POST', path: '/', answer: z.unknown() });
  } finally {
    await http.close();
  }
}

async function queryDatabase(port: number): Promise<unknown> {
  const database = openDb({
    databaseUrl: `postgres://user@127.0.0.1:${port}/database`,
    poolSize: 1,
    applicationName: 'test',
    log: createLogger({ service: 'api', level: 'silent' }),
  });
  try {
    return await database.ping();
  } finally {
    await database.close();
  }
}

test.each(CLIENTS)('%s connects to loopback without the proxy of the environment', async (_, connect) => {
  await expect(connect(target.port)).rejects.toThrow();
  expect(target.connections).toBeGreaterThan(0);
  expect(proxy.connections).toBe(0);
});
