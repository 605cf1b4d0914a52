import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { V1PersistentVolume } from '@kubernetes/client-node';
import type { ClusterReconciler } from '../../activities/reconcile/cluster-reconciler.ts';
import { StoreError } from '../../domain/failure.ts';
import { DEFAULT_CLUSTER, ANNOTATIONS, LABELS, MANAGER, taskQueuesOf } from '../../domain/names.ts';
import type { reconcileCluster } from '../../workflows/index.ts';
import { openTestCluster, type TestCluster } from '../harness/platform/cluster-activities.ts';
import { startPlatform, type TestPlatform } from '../harness/platform/platform.ts';
import { eventually } from '../harness/stack/stack.ts';
import type { Store } from '../../api/contract/store.ts';

/** The installation id of this file only: other test files share the cluster. */
const INSTALLATION = randomUUID();
const PAST = '2026-01-01T00:00:00.000Z';

let cluster: TestCluster;
let platform: TestPlatform;
/** Volumes that the cluster refuses to change. */
const refused = new Set<string>();

beforeAll(async () => {
  cluster = await openTestCluster();
  const activities = cluster.activities({ installation: INSTALLATION });
  const { ensureRelease } = activities;
  const reconciler = cluster.reconciler({ installation: INSTALLATION, ensureRelease });
  platform = await startPlatform({ cluster: activities, reconciler: { cluster: refusing(reconciler) } });
});
afterAll(async () => {
  await cluster.kube.core.deleteCollectionPersistentVolume({ labelSelector: `${LABELS.installation}=${INSTALLATION}` });
  await platform.stop();
});

function refusing(reconciler: ClusterReconciler): ClusterReconciler {
  const { keptVolumes } = reconciler;
  return {
    ...reconciler,
    keptVolumes: {
      ...keptVolumes,
      release: async (volume) => {
        if (refused.has(volume.name)) throw new StoreError('CLUSTER_REFUSED', `${volume.name} cannot be changed`);
        return keptVolumes.release(volume);
      },
    },
  };
}

/** Runs one pass over the whole cluster, as the schedule does. */
async function pass() {
  return platform.client.workflow.execute<typeof reconcileCluster>('reconcileCluster', {
    workflowId: `pass-${randomUUID()}`,
    taskQueue: taskQueuesOf(platform.installation).control,
    args: [{ cluster: DEFAULT_CLUSTER }],
  });
}

/** Deletes a store that keeps its volumes. Returns it when the phase of its volumes is `Released`. */
async function deletedStore(): Promise<Store> {
  const { storeId: id } = await platform.create({ volumePolicy: { keepForDays: 30 } });
  await platform.settled(id, 'ready');
  await platform.request('DELETE', `/api/stores/${id}`);
  const store = await platform.settled(id, 'deleted');
  await eventually(async () => (await volumesOf(id)).every(({ status }) => status?.phase === 'Released'));
  return store;
}

async function volumesOf(storeId: string): Promise<readonly V1PersistentVolume[]> {
  const labelSelector = `${LABELS.storeId}=${storeId}`;
  return (await cluster.kube.core.listPersistentVolume({ labelSelector })).items;
}

function nameOf({ metadata }: V1PersistentVolume | undefined = {}): string {
  return metadata?.name ?? '';
}

/** Changes the mark of a volume, as a person does. Null removes it. */
async function mark(volume: V1PersistentVolume | undefined, value: string | null): Promise<void> {
  const annotations = { [ANNOTATIONS.keptUntil]: value } as Record<string, string>;
  const metadata = { name: nameOf(volume), annotations };
  await cluster.kube.merge({ apiVersion: 'v1', kind: 'PersistentVolume', metadata });
}

/** Returns what the list of orphans says about the volumes with these names. */
async function listed(...volumes: readonly string[]) {
  const response = await platform.request('GET', '/api/orphans?limit=500');
  const { data } = (await response.json()) as {
    data: { name: string; removableAfter: string | null; reason: string }[];
  };
  return data
    .filter(({ name }) => volumes.includes(name))
    .map(({ name, removableAfter, reason }) => ({ name, removableAfter, reason }));
}

test('a kept volume stays until its time is over, and the pass after that removes it from the cluster', async () => {
  const { storeId } = await deletedStore();
  const [volume] = await volumesOf(storeId);
  const until = volume?.metadata?.annotations?.[ANNOTATIONS.keptUntil] ?? '';
  expect(Date.parse(until) - Date.now()).toBeGreaterThan(29 * 86_400_000);
  expect(await pass()).toMatchObject({ volumesReleased: 0 });
  expect(await listed(nameOf(volume))).toEqual([
    { name: nameOf(volume), removableAfter: null, reason: expect.stringContaining(until) },
  ]);

  await mark(volume, PAST);
  expect(await pass()).toMatchObject({ volumesReleased: 1 });
  await eventually(async () => (await volumesOf(storeId)).length === 0);
  await pass();
  expect(await listed(nameOf(volume))).toEqual([]);
});

test('a release that fails is tried again by the next pass', async () => {
  const { storeId } = await deletedStore();
  const [volume] = await volumesOf(storeId);
  await mark(volume, PAST);
  refused.add(nameOf(volume));
  expect(await pass()).toMatchObject({ volumesReleased: 0 });
  expect(await volumesOf(storeId)).toHaveLength(1);
  refused.clear();
  expect(await pass()).toMatchObject({ volumesReleased: 1 });
  await eventually(async () => (await volumesOf(storeId)).length === 0);
});

test('a volume whose mark is missing or broken is listed with the reason and never removed', async () => {
  const { storeId } = await deletedStore();
  const [volume] = await volumesOf(storeId);
  const name = nameOf(volume);
  for (const [value, reason] of [
    [null, 'its reclaim policy keeps it'],
    ['yesterday', 'is not an instant'],
    ['forever', 'a volume policy keeps it'],
  ] as const) {
    await mark(volume, value);
    expect(await pass()).toMatchObject({ volumesReleased: 0, removed: 0 });
    expect(await listed(name)).toEqual([{ name, removableAfter: null, reason: expect.stringContaining(reason) }]);
    expect((await volumesOf(storeId))[0]).toMatchObject({ spec: { persistentVolumeReclaimPolicy: 'Retain' } });
  }
});

test('an expired volume whose store has no record, and one of another installation, are never removed', async () => {
  const created = await Promise.all(
    [INSTALLATION, randomUUID()].map(async (installation) => {
      const name = `kept-${randomUUID()}`;
      await cluster.kube.core.createPersistentVolume({
        body: {
          metadata: {
            name,
            labels: {
              [LABELS.managedBy]: MANAGER,
              [LABELS.storeId]: randomUUID(),
              [LABELS.installation]: installation,
            },
            annotations: { [ANNOTATIONS.keptUntil]: PAST },
          },
          spec: {
            accessModes: ['ReadWriteOnce'],
            capacity: { storage: '1Gi' },
            claimRef: { namespace: `store-${name}`, name: 'data', uid: randomUUID() },
            hostPath: { path: '/nowhere' },
            persistentVolumeReclaimPolicy: 'Retain',
          },
        },
      });
      return name;
    }),
  );
  const phases = async () =>
    Promise.all(created.map(async (name) => (await cluster.kube.core.readPersistentVolume({ name })).status?.phase));
  await eventually(async () => (await phases()).every((phase) => phase === 'Released'));
  expect(await pass()).toMatchObject({ volumesReleased: 0, removed: 0 });
  expect(await phases()).toEqual(['Released', 'Released']);
  expect(await listed(...created)).toMatchObject([{ name: created[0], removableAfter: null }]);
  await Promise.all(created.map((name) => cluster.kube.core.deletePersistentVolume({ name })));
});
