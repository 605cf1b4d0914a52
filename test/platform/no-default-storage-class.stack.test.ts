import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DEFAULT_CLUSTER } from '../../domain/names.ts';
import { CoreV1Api, PatchStrategy, setHeaderOptions, StorageV1Api } from '@kubernetes/client-node';
import { createCluster } from '../../activities/create-cluster.ts';
import { openDb, type OpenDatabase } from '../../db/connection/open-db.ts';
import { createConditionRecords } from '../../db/stores/conditions.ts';
import { closeAll } from '../harness/close-all.ts';
import { TEST_INSTALLATION } from '../harness/platform/cluster-activities.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { startPrivateCluster, type PrivateCluster } from '../harness/platform/private-cluster.ts';
import { eventually, testStack } from '../harness/stack/stack.ts';

/** The longest time until a store names its problem: see docs/faults.md. */
const CAUSE_LIMIT_MS = 20_000;
const DEFAULT = 'storageclass.kubernetes.io/is-default-class';

let cluster: PrivateCluster;
let database: OpenDatabase;
let platform: TestPlatform;
beforeAll(async () => {
  cluster = await startPrivateCluster();
  await markDefaultClass(null);
  const { activities } = await createCluster({
    name: DEFAULT_CLUSTER,
    context: cluster.config.getCurrentContext(),
    kubeconfig: cluster.kubeconfig,
    helmBin: testStack().HELM_BIN,
    chartsDir: 'helm',
    readyDeadlineMs: 300_000,
    setCondition: (input) => createConditionRecords(database.db).setCondition(input, new Date()),
    values: { scheme: 'http', port: 80 },
    installation: TEST_INSTALLATION,
    env: process.env,
  });
  platform = await startPlatform({ cluster: activities });
  const log = { warn: () => undefined };
  database = openDb({ databaseUrl: platform.databaseUrl, poolSize: 2, applicationName: 'conditions', log });
}, 300_000);
afterAll(() =>
  closeAll(
    () => database.close(),
    () => platform.stop(),
    () => cluster.stop(),
  ),
);

/** Makes the only StorageClass of the cluster the default one, or with null takes the default away. */
async function markDefaultClass(value: 'true' | null): Promise<void> {
  const storage = cluster.config.makeApiClient(StorageV1Api);
  const body = { metadata: { annotations: { [DEFAULT]: value } } };
  const asMergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  await storage.patchStorageClass({ name: 'standard', body }, asMergePatch);
}

test('a store whose cluster has no default StorageClass says so in time, and becomes ready once there is one', async () => {
  const { storeId, namespace } = await platform.create({ engine: 'woocommerce' });
  const delay = await eventually(
    async () => (await platform.get(storeId)).conditions.find(({ type }) => type === 'ReadinessDelayed'),
    { deadlineMs: 90_000 },
  );
  expect(delay).toMatchObject({
    status: 'True',
    reason: 'VolumePending',
    // In parentheses: the sentence of the volume controller.
    message: expect.stringMatching(
      /has no StorageClass: the claim names none, and the cluster has no default one \(no persistent volumes available for this claim and no storage class is set\)$/,
    ),
  });
  // Since the first claim exists: on a busy machine, the steps before it may take longer.
  const { items: claims } = await cluster.config
    .makeApiClient(CoreV1Api)
    .listNamespacedPersistentVolumeClaim({ namespace });
  const createdMs = claims.map(({ metadata }) => metadata?.creationTimestamp?.getTime() ?? 0);
  expect(Date.parse(delay.lastTransitionTime) - Math.min(...createdMs)).toBeLessThan(CAUSE_LIMIT_MS);

  await markDefaultClass('true');
  await platform.settled(storeId, 'ready');
}, 300_000);
