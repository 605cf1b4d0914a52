import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  asActivity,
  clusterInput,
  openTestCluster,
  type TestCluster,
} from '../../test/harness/platform/cluster-activities.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { restrictedPod } from '../../test/harness/restricted-pod.ts';
import { kubeClients } from '../../test/harness/stack/stack.ts';
import { deleteFailedObjects } from './delete-failed-objects.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

const { core, batch } = kubeClients();
/** No node has this label: the pod is never scheduled. */
const NO_NODE = { nowhere: 'true' };

let cluster: TestCluster;
let input: ActivityInput;
beforeAll(async () => {
  cluster = await openTestCluster();
});
beforeEach(async () => {
  input = clusterInput();
  const activities = cluster.activities();
  await asActivity(activities.ensureNamespace, input);
  await asActivity(activities.ensureSecrets, input);
  const { revision } = await asActivity(activities.ensureRelease, input);
  await asActivity(activities.awaitReady, { ...input, revision });
});
afterEach(() => asActivity(cluster.activities().deleteNamespace, input));

function podSpec(nodeSelector: Record<string, string>) {
  return restrictedPod({ restartPolicy: 'Never', nodeSelector });
}

async function objects() {
  const { namespace } = input.store;
  const [jobs, pods, claims] = await Promise.all([
    batch.listNamespacedJob({ namespace }),
    core.listNamespacedPod({ namespace }),
    core.listNamespacedPersistentVolumeClaim({ namespace }),
  ]);
  return [...jobs.items, ...pods.items, ...claims.items].map(({ metadata }) => `${metadata?.name}/${metadata?.uid}`);
}

test('deletes only failed Jobs, pods that are not ready and pending claims', async () => {
  const { namespace } = input.store;
  const healthy = await objects();
  await batch.createNamespacedJob({
    namespace,
    body: {
      metadata: { name: 'too-slow' },
      spec: { activeDeadlineSeconds: 1, backoffLimit: 0, template: { spec: podSpec(NO_NODE) } },
    },
  });
  await core.createNamespacedPod({ namespace, body: { metadata: { name: 'nowhere' }, spec: podSpec(NO_NODE) } });
  await core.createNamespacedPersistentVolumeClaim({
    namespace,
    body: {
      metadata: { name: 'unprovided' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'no-such-class',
        resources: { requests: { storage: '1Mi' } },
      },
    },
  });
  await eventually(async () => {
    const { status } = await batch.readNamespacedJob({ name: 'too-slow', namespace });
    return status?.conditions?.some(({ type }) => type === 'Failed');
  });

  await asActivity(() => deleteFailedObjects(cluster.kube, input.store), undefined);
  await eventually(async () => {
    expect((await objects()).toSorted()).toEqual(healthy.toSorted());
    return true;
  });
  await asActivity(() => deleteFailedObjects(cluster.kube, input.store), undefined);
  expect((await objects()).toSorted()).toEqual(healthy.toSorted());
});

test('a reapplied release is upgraded, and its missing objects are created', async () => {
  const { namespace } = input.store;
  const activities = cluster.activities();
  await core.deleteNamespacedService({ name: 'web', namespace });
  expect(await asActivity(activities.ensureRelease, input)).toMatchObject({ action: 'unchanged', revision: 1 });
  const reapplied = await asActivity(activities.ensureRelease, { ...input, reapply: true });
  expect(reapplied).toMatchObject({ action: 'upgraded', revision: 2 });
  expect((await core.readNamespacedService({ name: 'web', namespace })).metadata?.name).toBe('web');
  await asActivity(activities.awaitReady, { ...input, revision: 2 });
});
