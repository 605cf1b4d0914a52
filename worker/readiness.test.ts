import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { StoreError } from '../domain/failure.ts';
import { serveHealth, type WorkerHealth } from './health-server.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

const up = async () => undefined;
const never = () => new Promise<void>(() => undefined);

/** Serves a worker with these checks, and returns the status and the body of a response. */
async function get(
  path: string,
  checks: Record<string, () => Promise<unknown>>,
  status: WorkerHealth['status'] = 'ok',
) {
  server = await serveHealth({
    host: '127.0.0.1',
    port: 0,
    health: () => ({ status, workers: [] }),
    checks,
    checkOptions: { timeoutMs: 50 },
  });
  const { port } = server.address() as AddressInfo; // a server that listens on a port has an AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: await response.json() };
}

test('is ready when every service answers', async () => {
  expect(await get('/readyz', { database: up, temporal: up })).toEqual({
    status: 200,
    body: { status: 'ok', workers: [], checks: { database: { status: 'up' }, temporal: { status: 'up' } } },
  });
});

test('names each service that it cannot reach, with the reason, within the time limit', async () => {
  const refused = async () => {
    throw new StoreError('CLUSTER_UNAVAILABLE', 'the cluster does not answer');
  };
  expect(await get('/readyz', { database: up, temporal: never, cluster: refused })).toEqual({
    status: 503,
    body: {
      status: 'unreachable',
      workers: [],
      checks: {
        database: { status: 'up' },
        temporal: { status: 'down', reason: 'no answer within 50 ms' },
        cluster: { status: 'down', reason: 'the cluster does not answer' },
      },
    },
  });
});

test('is alive while a service is away, because a restart would not help', async () => {
  expect(await get('/healthz', { database: never })).toEqual({ status: 200, body: { status: 'ok', workers: [] } });
});

test.each(['/healthz', '/readyz'])('%s fails while the worker drains', async (path) => {
  expect(await get(path, { database: up }, 'draining')).toMatchObject({ status: 503, body: { status: 'draining' } });
});
