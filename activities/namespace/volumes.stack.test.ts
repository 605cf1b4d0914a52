import { beforeAll, expect, test } from '@jest/globals';
import { LABELS } from '../../domain/names.ts';
import {
  asActivity,
  clusterInput,
  openTestCluster,
  type TestCluster,
} from '../../test/harness/platform/cluster-activities.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await openTestCluster();
});

/** Creates a volume that a claim of a namespace was bound to. Claim and namespace are gone. */
async function createVolume(namespace: string): Promise<string> {
  const name = `volume-of-${namespace}`;
  await cluster.kube.core.createPersistentVolume({
    body: {
      metadata: { name },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        claimRef: { namespace, name: 'data' },
        hostPath: { path: '/nowhere' },
        persistentVolumeReclaimPolicy: 'Delete',
      },
    },
  });
  return name;
}

test('keeps the volumes of a tenant whose id contains characters that a label value does not allow', async () => {
  const input = clusterInput({ tenantId: 'ann+shop@example.com' });
  const activities = cluster.activities();
  const name = await createVolume(input.store.namespace);
  const kept = await asActivity(activities.keepVolumes, { ...input, until: null });
  expect(kept).toEqual({ kept: [`PersistentVolume/${name}`], until: null });
  const { metadata, spec } = await cluster.kube.core.readPersistentVolume({ name });
  expect(metadata?.labels).toMatchObject({
    [LABELS.storeId]: input.store.storeId,
    [LABELS.tenantId]: 'ann-shop-example.com',
  });
  expect(spec?.persistentVolumeReclaimPolicy).toBe('Retain');
  await cluster.kube.core.deletePersistentVolume({ name });
});
