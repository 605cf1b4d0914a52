import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { CoreV1Api } from '@kubernetes/client-node';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { Client } from 'pg';
import { directToLoopback } from '../temporal/direct-connection.ts';
import { localKubeConfig } from './services/cluster-objects.ts';
import { identityOf, isAlive } from './processes/process-identity.ts';
import { startStack, type Stack } from './start-stack.ts';
import { createToolResolver } from './tools/tool-resolver.ts';

const parent = mkdtempSync(join(tmpdir(), 'start-stack-'));
const stacks: Stack[] = [];
afterAll(async () => {
  for (const stack of stacks) await stack.stop();
  rmSync(parent, { recursive: true });
});

async function start(): Promise<Stack> {
  const stack = await startStack({
    stateDir: join(parent, 'state'),
    ports: 'free',
    services: { postgres: true, temporal: true, kubernetes: true },
    temporalNamespace: 'shops',
    resolver: createToolResolver({ env: process.env, report: () => undefined }),
    report: () => undefined,
  });
  stacks.push(stack);
  return stack;
}

async function inDatabase<T>({ env }: Stack, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: env['DATABASE_URL'] });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function inTemporal<T>({ env }: Stack, work: (client: TemporalClient) => Promise<T>): Promise<T> {
  const connection = await Connection.connect(directToLoopback({ address: env['TEMPORAL_ADDRESS'] ?? '' }));
  try {
    return await work(new TemporalClient({ connection, namespace: env['TEMPORAL_NAMESPACE'] ?? '' }));
  } finally {
    await connection.close();
  }
}

function core({ env }: Stack): CoreV1Api {
  return localKubeConfig(env['KUBECONFIG'] ?? '').makeApiClient(CoreV1Api);
}

test('leaves no process behind after a stop and has all of its state after the next start', async () => {
  const first = await start();
  await inDatabase(first, (client) => client.query('CREATE TABLE kept (id int)'));
  await inTemporal(first, (client) =>
    client.workflow.start('waitsForAWorker', { workflowId: 'kept', taskQueue: 'without-worker', args: [] }),
  );
  await core(first).createNamespace({ body: { metadata: { name: 'kept' } } });

  const processes = first.processes().map(({ pid }) => identityOf(pid));
  expect(processes).toHaveLength(7);
  await first.stop();
  expect(processes.filter((identity) => identity === undefined || isAlive(identity))).toEqual([]);
  expect(readdirSync(first.folder.run)).toEqual([]);

  const second = await start();
  const tables = await inDatabase(second, (client) => client.query("SELECT to_regclass('kept') AS kept"));
  expect(tables.rows).toEqual([{ kept: 'kept' }]);
  const run = await inTemporal(second, (client) => client.workflow.getHandle('kept').describe());
  expect(run.status.name).toBe('RUNNING');
  expect((await core(second).readNamespace({ name: 'kept' })).status?.phase).toBe('Active');
  await second.stop();
}, 300_000); // two cold starts

test('stops the started services when the start is aborted', async () => {
  const abort = new AbortController();
  const starting = startStack({
    stateDir: join(parent, 'aborted'),
    ports: 'free',
    services: { postgres: true, temporal: false, kubernetes: false },
    resolver: createToolResolver({ env: process.env, report: () => undefined }),
    report: () => undefined,
    signal: abort.signal,
  });
  abort.abort();
  await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
  expect(readdirSync(join(parent, 'aborted', 'run'))).toEqual([]);
});
