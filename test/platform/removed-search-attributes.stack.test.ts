import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { checkTemporal } from '../../temporal/check-temporal.ts';
import { directToLoopback } from '../../temporal/direct-connection.ts';
import { closeAll } from '../harness/close-all.ts';
import { startWorkerProcess, type PlatformProcess } from '../harness/platform/processes.ts';
import { createDatabase, eventually, testStack, type TestDatabase } from '../harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../harness/stack/temporal-namespace.ts';

let database: TestDatabase;
let temporal: TestNamespace;
let connection: Connection;
let worker: PlatformProcess;
beforeAll(async () => {
  database = await createDatabase();
  temporal = await createTemporalNamespace();
  connection = await Connection.connect(directToLoopback({ address: testStack().TEMPORAL_ADDRESS }));
  const own = { DATABASE_URL: database.url, TEMPORAL_NAMESPACE: temporal.namespace };
  worker = await startWorkerProcess({ ...testStack(), ...own });
}, 300_000);
afterAll(() =>
  closeAll(
    () => worker.kill('SIGKILL'),
    () => connection.close(),
    () => temporal.close(),
    () => database.drop(),
  ),
);

test('a running worker registers a search attribute again that someone removed', async () => {
  const { namespace } = temporal;
  const check = () => checkTemporal({ connection, namespace });
  await check();
  await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: ['StoreStatus'] });
  await expect(check()).rejects.toMatchObject({ code: 'ORCHESTRATOR_REJECTED' });
  await eventually(() => check().then(() => true), { deadlineMs: 90_000, intervalMs: 1_000 });
  expect(worker.output()).toContain('search attributes were missing and are registered again');
});
