import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { Store } from '../../api/contract/store.ts';
import { migrateDatabase } from '../../db/connection/migrate.ts';
import { workflowIdOf } from '../../domain/names.ts';
import { directToLoopback } from '../../temporal/direct-connection.ts';
import { openStateFolder, removeStateFolder } from '../../temporal-dev/processes/state-folder.ts';
import { devServer, temporalCluster } from '../../temporal-dev/services/temporal-servers.ts';
import { startStack, type Stack } from '../../temporal-dev/start-stack.ts';
import { createToolResolver } from '../../temporal-dev/tools/tool-resolver.ts';
import { startApiProcess, startWorkerProcess, type PlatformProcess } from '../harness/platform/processes.ts';
import { eventually, testStack } from '../harness/stack/stack.ts';

const reports: string[] = [];
const resolver = createToolResolver({ env: process.env, report: (message) => reports.push(message) });

// The build of the server takes minutes, so it is not part of the usual tests.
const missing = await resolver.missing(temporalCluster.tools);
if (missing.length > 0) {
  process.stderr.write(
    `NOT RUN: tests of the Temporal cluster. ${missing.join(', ')} is missing. To run them:\n` +
      `  npm run tools -- ${temporalCluster.tools.join(' ')}\n` +
      '  npm test -- test/platform/temporal-cluster --selectProjects stack\n',
  );
}
const describeIf = missing.length === 0 ? describe : describe.skip;

describeIf('the platform on a Temporal cluster of two nodes', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'temporal-cluster-'));
  const running: PlatformProcess[] = [];
  let stack: Stack;
  let connection: Connection;
  let url: string;

  function start(temporal = temporalCluster): Promise<Stack> {
    return startStack({
      stateDir,
      ports: 'free',
      services: { postgres: true, temporal: true, kubernetes: false },
      temporal,
      temporalNamespace: 'shops',
      resolver,
      report: (message) => reports.push(message),
      durable: false,
    });
  }

  beforeAll(async () => {
    stack = await start();
    await migrateDatabase(stack.env['DATABASE_URL'] ?? '');
    connection = await Connection.connect(directToLoopback({ address: stack.env['TEMPORAL_ADDRESS'] ?? '' }));
    const env = { ...testStack(), ...stack.env };
    const [api, worker] = await Promise.all([startApiProcess(env), startWorkerProcess(env)]);
    running.push(api, worker);
    ({ url } = api);
  }, 300_000);
  afterAll(async () => {
    for (const process of running) await process.kill('SIGKILL');
    await connection.close();
    await stack.stop();
    await removeStateFolder(openStateFolder(stateDir));
  }, 120_000);

  async function create(): Promise<string> {
    const response = await fetch(`${url}/api/stores`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ name: 'Acme', engine: 'woocommerce' }),
    });
    expect(response.status).toBe(202);
    return ((await response.json()) as Store).storeId;
  }

  async function get(id: string): Promise<Store> {
    return (await (await fetch(`${url}/api/stores/${id}`)).json()) as Store;
  }

  async function settled(id: string, status: Store['status']): Promise<void> {
    await eventually(
      async () => {
        const store = await get(id);
        if (store.status === status && store.operation === null) return true;
        throw new Error(`the store is ${store.status}: ${JSON.stringify(store.operation ?? store.failure)}`);
      },
      { deadlineMs: 180_000 },
    );
  }

  async function runsOf(id: string): Promise<number> {
    const client = new Client({ connection, namespace: 'shops' });
    const { count } = await client.workflow.count(`WorkflowId = "${workflowIdOf(id)}"`);
    return count;
  }

  function pidOf(name: string): number {
    return stack.processes().find((process) => process.name === name)?.pid ?? 0;
  }

  test('keeps closed runs for a day, as the development server does, and has the Web UI', async () => {
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'shops' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(86_400);
    const page = await fetch(stack.env['TEMPORAL_UI_URL'] ?? '');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  });

  // Each node owns half of the runs, and the API and the worker are connected to one node only. So each node is killed once.
  test.each(['temporal-1', 'temporal-2'])(
    'SIGKILL of %s: the runs end in the other node, and the node is started again',
    async (name) => {
      const pid = pidOf(name);
      const stores = await Promise.all(Array.from({ length: 4 }, create));
      await Promise.all(
        stores.map((id) => eventually(async () => (await get(id)).status === 'provisioning', { deadlineMs: 60_000 })),
      );
      process.kill(pid, 'SIGKILL');
      const later = await create();
      await Promise.all([...stores, later].map((id) => settled(id, 'ready')));
      expect(await Promise.all(stores.map(runsOf))).toEqual([1, 1, 1, 1]);
      await eventually(() => reports.includes(`${name} runs again.`), { deadlineMs: 90_000 });
      expect(pidOf(name)).not.toBe(pid);
      await Promise.all([...stores, later].map((id) => fetch(`${url}/api/stores/${id}`, { method: 'DELETE' })));
      await Promise.all([...stores, later].map((id) => settled(id, 'deleted')));
    },
    600_000, // the machine is shared with the other tests of the run
  );

  test('the state is kept over a stop, and is refused by the development server', async () => {
    for (const process of running.splice(0)) await process.kill('SIGTERM');
    await connection.close();
    await stack.stop();
    await expect(start(devServer)).rejects.toThrow(
      /was created with "--temporal cluster" and can't be used with "--temporal dev"/,
    );
    stack = await start();
    connection = await Connection.connect(directToLoopback({ address: stack.env['TEMPORAL_ADDRESS'] ?? '' }));
    const client = new Client({ connection, namespace: 'shops' });
    const { count } = await client.workflow.count('WorkflowType = "provisionStore"');
    expect(count).toBeGreaterThan(0);
  }, 300_000);
});
