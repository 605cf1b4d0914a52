import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { DEFAULT_CLUSTER, workflowIdOf } from '../../domain/names.ts';
import { createRunProgressReader } from '../../temporal/run-progress.ts';
import { openWorkerDeployment, type WorkerDeployment } from '../../temporal/worker-deployment.ts';
import { promoteVersion } from '../../worker/promotion/promote-version.ts';
import { FakeCluster } from '../fakes/fake-cluster.ts';
import { InterruptedCluster } from '../fakes/interrupted-cluster.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { eventually } from '../harness/stack/stack.ts';

/** Temporal's number of `PINNED_OVERRIDE_BEHAVIOR_PINNED`. */
const PINNED_OVERRIDE = 1;
const DEPLOYMENT = `stores-${randomUUID()}`;

let platform: TestPlatform;
let cluster: InterruptedCluster;
let deployment: WorkerDeployment;
beforeAll(async () => {
  cluster = new InterruptedCluster(new FakeCluster());
  platform = await startPlatform({ cluster, worker: false });
  const { client, namespace } = platform;
  deployment = openWorkerDeployment(
    { connection: client.connection, namespace },
    {
      deploymentName: DEPLOYMENT,
      installation: undefined,
      clusters: [DEFAULT_CLUSTER],
      hasWebhooks: false,
      now: () => new Date(),
    },
  );
});
afterAll(() => platform.stop());

/** Starts workers of a version and makes it the current one when they poll all task queues, as the Job of the chart does. */
async function deploy(buildId: string) {
  const workers = await platform.startWorkers({ name: DEPLOYMENT, buildId });
  const { kind } = await promoteVersion(deployment, { buildId, timeoutMs: 60_000, log: { info: () => undefined } });
  expect(kind).toBe('promoted');
  return workers;
}

async function waitUntil(storeId: string, isReached: (store: Awaited<ReturnType<TestPlatform['get']>>) => boolean) {
  return eventually(async () => {
    const store = await platform.get(storeId);
    return isReached(store) && store;
  });
}

/** Returns the version that completed the last workflow task of the store's newest run. */
async function versionOf(storeId: string): Promise<string | undefined> {
  const { raw } = await platform.client.workflow.getHandle(workflowIdOf(storeId)).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}

test('runs that sleep in a hold or an undelete window continue on the next version after theirs is taken down', async () => {
  const first = await deploy('1');
  const { storeId: deleted } = await platform.create();
  await platform.settled(deleted, 'ready');
  await platform.request('DELETE', `/api/stores/${deleted}?undeleteWindowSeconds=3600`);
  await waitUntil(deleted, ({ operation }) => operation?.step === 'undelete-window');
  cluster.failNext('awaitReady', { moment: 'before', code: 'CHART_INVALID' });
  const { storeId: held } = await platform.create({ onFailure: 'hold' });
  await waitUntil(held, ({ status }) => status === 'held');
  expect([await versionOf(deleted), await versionOf(held)]).toEqual(['1', '1']);

  await deploy('2');
  await first.stop();
  expect((await platform.request('POST', `/api/stores/${held}/continue`)).status).toBe(202);
  expect((await platform.request('POST', `/api/stores/${deleted}/undelete`)).status).toBe(202);
  await platform.settled(held, 'ready');
  await platform.settled(deleted, 'ready');
  expect([await versionOf(deleted), await versionOf(held)]).toEqual(['2', '2']);
});

test('a run that is pinned to a version without workers is found', async () => {
  const progress = createRunProgressReader(platform.client, platform.installation);
  cluster.failNext('awaitReady', { moment: 'before', code: 'CHART_INVALID' });
  const { storeId: id } = await platform.create({ onFailure: 'hold' });
  await waitUntil(id, ({ status }) => status === 'held');
  // The activity that wrote the status starts one more workflow task when it ends.
  await eventually(async () => (await progress.progressOf(id))?.waitsFor === 'other');
  expect(await progress.progressOf(id)).toMatchObject({ missingVersion: null });

  await platform.client.workflowService.updateWorkflowExecutionOptions({
    namespace: platform.namespace,
    workflowExecution: { workflowId: workflowIdOf(id) },
    workflowExecutionOptions: {
      versioningOverride: {
        pinned: { behavior: PINNED_OVERRIDE, version: { deploymentName: DEPLOYMENT, buildId: '1' } },
      },
    },
    updateMask: { paths: ['versioning_override'] },
  });
  // Temporal lists a worker for five minutes after its last poll.
  const later = withoutPollers(platform.client);
  expect(await createRunProgressReader(later, platform.installation).progressOf(id)).toMatchObject({
    missingVersion: `${DEPLOYMENT}:1`,
  });
});

/** Returns a client for which no worker polls. */
function withoutPollers(client: Client): Client {
  const { workflowService } = client;
  const service = Object.create(workflowService) as typeof workflowService;
  service.describeTaskQueue = (async () => ({ pollers: [] })) as never;
  return Object.create(client, { workflowService: { value: service } }) as Client;
}
