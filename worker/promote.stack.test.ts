import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DEFAULT_CLUSTER } from '../domain/names.ts';
import { openWorkerDeployment, type WorkerDeployment } from '../temporal/worker-deployment.ts';
import { FakeCluster } from '../test/fakes/fake-cluster.ts';
import { startPlatform, type TestPlatform } from '../test/harness/platform/platform.ts';
import { type EndedProgram, runPromotion } from '../test/harness/platform/processes.ts';
import { testStack } from '../test/harness/stack/stack.ts';

/** The deployment has the form of a name that the Temporal Worker Controller gives. */
const DEPLOYMENT = `platform-system/stores-${randomUUID()}`;
const LATER_MS = 10 * 60_000;
const PROMOTED = { exitCode: 0, output: expect.stringContaining('was made the current one') };

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ cluster: new FakeCluster(), worker: false });
});
afterAll(() => platform.stop());

function promote(...args: readonly string[]): Promise<EndedProgram> {
  const env = { ...testStack(), TEMPORAL_NAMESPACE: platform.namespace, WORKER_DEPLOYMENT: DEPLOYMENT };
  return runPromotion({ ...env, WORKER_BUILD_ID: '1' }, args);
}

function deployment({ now = () => new Date() } = {}): WorkerDeployment {
  const { client, namespace } = platform;
  return openWorkerDeployment(
    { connection: client.connection, namespace },
    { deploymentName: DEPLOYMENT, installation: undefined, clusters: [DEFAULT_CLUSTER], hasWebhooks: false, now },
  );
}

test('a version is promoted when its workers poll, and not before; a run that waited for it completes', async () => {
  const { storeId } = await platform.create();
  const early = await promote('--timeout', '1');
  expect(early).toMatchObject({ exitCode: 3, output: expect.stringContaining('no worker polls control (workflow)') });
  expect(await deployment().currentBuildId()).toBeUndefined();

  await platform.startWorkers({ name: DEPLOYMENT, buildId: '1' });
  const first = await promote();
  expect(first).toMatchObject(PROMOTED);
  await platform.settled(storeId, 'ready');
  expect(await promote()).toMatchObject({ exitCode: 0, output: expect.stringContaining('is already the current one') });
});

test('the way back is a promotion of the older version, which still polls', async () => {
  await platform.startWorkers({ name: DEPLOYMENT, buildId: '2' });
  expect(await promote('--build-id', '2')).toMatchObject(PROMOTED);
  expect(await deployment().currentBuildId()).toBe('2');
  expect(await promote('--build-id', '1')).toMatchObject(PROMOTED);
  expect(await deployment().currentBuildId()).toBe('1');
  const { storeId } = await platform.create();
  await platform.settled(storeId, 'ready');
});

test('a version whose workers have stopped is not promoted', async () => {
  const later = () => new Date(Date.now() + LATER_MS);
  const { control, helm, watch } = {
    control: `${platform.installation}/control`,
    helm: `${platform.installation}/default/helm`,
    watch: `${platform.installation}/default/watch`,
  };
  expect(await deployment().queuesWithoutWorker('2')).toEqual([]);
  expect(await deployment({ now: later }).queuesWithoutWorker('2')).toEqual([
    `${control} (workflow)`,
    `${control} (activity)`,
    `${helm} (activity)`,
    `${watch} (activity)`,
  ]);
});

test('a version with webhooks must also poll their task queue', async () => {
  const { client, namespace } = platform;
  const withWebhooks = openWorkerDeployment(
    { connection: client.connection, namespace },
    {
      deploymentName: DEPLOYMENT,
      installation: undefined,
      clusters: [DEFAULT_CLUSTER],
      hasWebhooks: true,
      now: () => new Date(),
    },
  );
  expect(await withWebhooks.queuesWithoutWorker('1')).toEqual([`${platform.installation}/webhook (activity)`]);
});

test('workers without a version get the work when they poll, and not before', async () => {
  const early = await promote('--unversioned', '--timeout', '1');
  expect(early).toMatchObject({ exitCode: 3, output: expect.stringContaining('no worker polls') });
  await platform.startWorkers();
  expect(await promote('--unversioned')).toMatchObject(PROMOTED);
  expect(await deployment().currentBuildId()).toBeUndefined();
  const { storeId } = await platform.create();
  await platform.settled(storeId, 'ready');
  expect(await promote('--unversioned')).toMatchObject({ exitCode: 0, output: expect.stringContaining('already') });
});

test('wrong options and a Temporal that rejects the request have exit codes of their own', async () => {
  expect(await promote('--colour')).toMatchObject({ exitCode: 2, output: expect.stringContaining('Exit codes:') });
  const namespace = `missing-${randomUUID()}`;
  const env = { ...testStack(), TEMPORAL_NAMESPACE: namespace, WORKER_DEPLOYMENT: DEPLOYMENT, WORKER_BUILD_ID: '1' };
  expect(await runPromotion(env, ['--timeout', '1'])).toMatchObject({
    exitCode: 3,
    output: expect.stringContaining(`the Temporal namespace ${namespace} does not exist`),
  });
  expect(await runPromotion({ ...env, PORT: 'x' }, [])).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining('bad configuration'),
  });
});
