import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LABELS } from '../../domain/names.ts';
import {
  asActivity,
  clusterInput,
  openTestCluster,
  type TestCluster,
} from '../../test/harness/platform/cluster-activities.ts';
import type { RepairInput } from '../reconcile/drift-repair.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

/** Two installations have the same store: equal store id, namespace and release. */
const input: ActivityInput = clusterInput();
const { store } = input;
const { namespace } = store;
const PROD = 'prod';
const STAGING = 'staging';

let cluster: TestCluster;
let prod: ClusterActivities;
let staging: ClusterActivities;

beforeAll(async () => {
  cluster = await openTestCluster();
  prod = cluster.activities({ installation: PROD });
  // Staging asks for another number of replicas, so an upgrade by it would show.
  staging = cluster.activities({ installation: STAGING, values: { replicas: 2 }, firstAbsenceAttemptMs: 0 });
  await asActivity(prod.ensureNamespace, input);
  await asActivity(prod.ensureSecrets, input);
  const { revision } = await asActivity(prod.ensureRelease, input);
  await asActivity(prod.awaitReady, { ...input, revision });
});
afterAll(async () => {
  await asActivity(prod.deleteNamespace, input);
  await asActivity(prod.awaitAbsence, input);
});

/** Returns everything that an installation could change: the objects with their versions. */
async function world(): Promise<object> {
  const { core, apps } = cluster.kube;
  const [self, secrets, deployments, quotas, volumes] = await Promise.all([
    core.readNamespace({ name: namespace }),
    core.listNamespacedSecret({ namespace }),
    apps.listNamespacedDeployment({ namespace }),
    core.listNamespacedResourceQuota({ namespace }),
    core.listPersistentVolume(),
  ]);
  return {
    namespace: { uid: self.metadata?.uid, labels: self.metadata?.labels, annotations: self.metadata?.annotations },
    secrets: secrets.items.map(({ metadata }) => [metadata?.name, metadata?.resourceVersion]),
    deployments: deployments.items.map(({ metadata, spec }) => [metadata?.uid, metadata?.generation, spec?.replicas]),
    quotas: quotas.items.map(({ metadata }) => metadata?.labels),
    volumes: volumes.items
      .filter(({ spec }) => spec?.claimRef?.namespace === namespace)
      .map(({ metadata, spec }) => [metadata?.uid, metadata?.labels, spec?.persistentVolumeReclaimPolicy]),
  };
}

describe('an installation that has the same store as another one on the cluster', () => {
  test('does not adopt the namespace and keeps the label of its owner', async () => {
    const before = await world();
    await expect(asActivity(staging.ensureNamespace, input)).rejects.toMatchObject({ code: 'NAMESPACE_FOREIGN' });
    expect(await world()).toEqual(before);
    expect(before).toMatchObject({ namespace: { labels: { [LABELS.installation]: PROD } } });
  });

  test('creates neither a Secret nor a release in the namespace', async () => {
    const before = await world();
    await expect(asActivity(staging.ensureSecrets, input)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
    await expect(asActivity(staging.ensureRelease, input)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
    const reapply = { ...input, reapply: true };
    await expect(asActivity(staging.ensureRelease, reapply)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
    expect(await world()).toEqual(before);
  });

  test('does not report the pods of the owner as its own', async () => {
    const foreign = expect.objectContaining({ code: 'NAMESPACE_FOREIGN' });
    await expect(asActivity(staging.awaitReady, { ...input, revision: 1 })).rejects.toEqual(foreign);
    await expect(asActivity(staging.verifyCheckout, { store })).rejects.toEqual(foreign);
    await expect(asActivity(staging.verifyStore, { ...input, nodes: 'real' })).rejects.toEqual(foreign);
  });

  test('finds nothing to delete, keeps no volume, and reports the absence of its store at once', async () => {
    const before = await world();
    expect(await asActivity(staging.deleteRelease, input)).toEqual({ removed: false });
    expect(await asActivity(staging.keepVolumes, { ...input, until: null })).toEqual({ kept: [], until: null });
    expect(await asActivity(staging.deleteNamespace, input)).toEqual({ removed: false });
    expect(await asActivity(staging.awaitAbsence, input)).toMatchObject({ removed: [] });
    expect(await world()).toEqual(before);
  });

  test('finds no orphan in the namespace and repairs no drift there', async () => {
    const before = await world();
    const reconciler = cluster.reconciler({ installation: STAGING, ensureRelease: staging.ensureRelease });
    expect(await reconciler.orphans.namespaceOwnership(namespace)).toBe('foreign');
    const self = await cluster.kube.core.readNamespace({ name: namespace });
    const orphan = {
      cluster: store.cluster,
      kind: 'Namespace' as const,
      name: namespace,
      namespace: null,
      uid: self.metadata?.uid ?? '',
      storeId: store.storeId,
      reason: 'test',
      isRemovable: true,
      firstSeen: new Date(0),
      removableAfter: new Date(0),
      approvedAt: new Date(0),
    };
    expect(await reconciler.orphans.readNamespace(orphan)).toBeUndefined();
    await reconciler.orphans.remove(orphan);
    const drift = [expect.objectContaining({ object: `Namespace/${namespace}`, needsPerson: expect.any(String) })];
    expect(await reconciler.drift.inspect(store)).toEqual(drift);
    const run = { ...input.run, kind: 'repair' as const };
    const repairAll = (repair: RepairInput) => reconciler.drift.repair(repair, () => true);
    expect(await asActivity(repairAll, { store, run })).toEqual({ repaired: [], remaining: drift });
    expect(await world()).toEqual(before);
  });
});

test('a namespace whose installation label is missing is neither adopted nor deleted', async () => {
  const unlabelled = clusterInput();
  await asActivity(prod.ensureNamespace, unlabelled);
  const name = unlabelled.store.namespace;
  const metadata = { name, labels: { [LABELS.installation]: null as never } };
  await cluster.kube.merge({ apiVersion: 'v1', kind: 'Namespace', metadata });
  await expect(asActivity(prod.ensureNamespace, unlabelled)).rejects.toMatchObject({ code: 'NAMESPACE_FOREIGN' });
  expect(await asActivity(prod.deleteNamespace, unlabelled)).toEqual({ removed: false });
  await cluster.kube.core.deleteNamespace({ name });
});
