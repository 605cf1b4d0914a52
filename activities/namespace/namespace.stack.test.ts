import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  asActivity,
  clusterInput,
  openTestCluster,
  ownedInTest,
  type TestCluster,
} from '../../test/harness/platform/cluster-activities.ts';
import { countVolumeLists } from '../../test/harness/platform/counted-volume-lists.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { restrictedPod } from '../../test/harness/restricted-pod.ts';
import { awaitQuota } from './namespace.ts';
import { LABELS } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';

let cluster: TestCluster;
let activities: ClusterActivities;
beforeAll(async () => {
  cluster = await openTestCluster();
  activities = cluster.activities();
});

/** Returns what changes with each write of the objects. The controllers write the status of the quota at any time. */
async function versionsIn(namespace: string): Promise<readonly unknown[]> {
  const [self, quotas, limits] = await Promise.all([
    cluster.kube.core.readNamespace({ name: namespace }),
    cluster.kube.core.listNamespacedResourceQuota({ namespace }),
    cluster.kube.core.listNamespacedLimitRange({ namespace }),
  ]);
  return [
    ...[self, ...limits.items].map(({ metadata }) => metadata?.resourceVersion),
    ...quotas.items.map(({ spec, metadata }) => [
      spec,
      metadata?.labels,
      metadata?.managedFields?.filter(({ subresource }) => subresource === undefined),
    ]),
  ];
}

describe('ensureNamespace', () => {
  test('creates a namespace with quota, limits and policies before a pod can run in it', async () => {
    const input = clusterInput();
    const { nodes, uid } = await asActivity(activities.ensureNamespace, input);
    expect(nodes).toBe('simulated');
    const { namespace, storeId } = input.store;
    const made = await cluster.kube.core.readNamespace({ name: namespace });
    expect(made.metadata).toMatchObject({
      uid,
      labels: { [LABELS.storeId]: storeId, 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
    await asActivity(({ store }) => awaitQuota(cluster.kube, ownedInTest(store)), input);
    const quota = await cluster.kube.core.readNamespacedResourceQuota({ name: 'store-quota', namespace });
    expect(quota.status?.used).toMatchObject({ pods: '0', 'services.nodeports': '0', 'count/jobs.batch': '0' });
    // Objects are refused until the cluster has computed the usage of every limit.
    expect(Object.keys(quota.status?.used ?? {}).toSorted()).toEqual(Object.keys(quota.spec?.hard ?? {}).toSorted());
    const pod = {
      metadata: { name: 'greedy' },
      spec: { containers: [{ name: 'main', image: 'x', securityContext: { privileged: true } }] },
    };
    await expect(cluster.kube.core.createNamespacedPod({ namespace, body: pod })).rejects.toThrow(
      /violates PodSecurity/,
    );
    await asActivity(activities.deleteNamespace, input);
  });

  test('changes nothing in a second attempt', async () => {
    const input = clusterInput();
    const info = { workflowExecution: { workflowId: input.run.workflowId, runId: input.run.runId } };
    const first = await asActivity(activities.ensureNamespace, input, info);
    await asActivity(({ store }) => awaitQuota(cluster.kube, ownedInTest(store)), input);
    const before = await versionsIn(input.store.namespace);
    expect(await asActivity(activities.ensureNamespace, input, info)).toEqual(first);
    expect(await versionsIn(input.store.namespace)).toEqual(before);
    await asActivity(activities.deleteNamespace, input);
  });

  test('creates one namespace in parallel calls', async () => {
    const input = clusterInput();
    const made = await Promise.all([1, 2, 3, 4].map(() => asActivity(activities.ensureNamespace, input)));
    expect(new Set(made.map(({ uid }) => uid)).size).toBe(1);
    await asActivity(activities.deleteNamespace, input);
  });

  test('neither adopts nor changes nor deletes a namespace of another owner', async () => {
    const input = clusterInput();
    const name = input.store.namespace;
    await cluster.kube.core.createNamespace({ body: { metadata: { name } } });
    const before = await versionsIn(name);
    await expect(asActivity(activities.ensureNamespace, input)).rejects.toMatchObject({ code: 'NAMESPACE_FOREIGN' });
    expect(await asActivity(activities.deleteRelease, input)).toEqual({ removed: false });
    expect(await asActivity(activities.deleteNamespace, input)).toEqual({ removed: false });
    expect(await versionsIn(name)).toEqual(before);
    await cluster.kube.core.deleteNamespace({ name });
  });

  test('does not reuse a terminating namespace and creates a new one once it is gone', async () => {
    const input = clusterInput();
    const { namespace } = input.store;
    const first = await asActivity(activities.ensureNamespace, input);
    const held = { metadata: { name: 'held', finalizers: ['example.com/hold'] } };
    await cluster.kube.core.createNamespacedConfigMap({ namespace, body: held });
    await asActivity(activities.deleteNamespace, input);
    await expect(asActivity(activities.ensureNamespace, input)).rejects.toMatchObject({
      code: 'NAMESPACE_TERMINATING',
    });
    await cluster.kube.core.replaceNamespacedConfigMap({
      name: 'held',
      namespace,
      body: { metadata: { name: 'held' } },
    });
    const second = await eventually(() => asActivity(activities.ensureNamespace, input));
    expect(second.uid).not.toBe(first.uid);
    await asActivity(activities.deleteNamespace, input);
  });
});

describe('a paused worker that continues', () => {
  /** Activities of a worker whose calls are interleaved with those of another one. */
  function interleaved(kube: Partial<Kube>): ClusterActivities {
    return cluster.activities({ kube: { ...cluster.kube, ...kube } });
  }

  test('deletes no namespace whose fence was acquired by another attempt after it had read it', async () => {
    const input = clusterInput();
    await asActivity(activities.ensureNamespace, input, { currentAttemptScheduledTimestampMs: 1 });
    const overtaken = interleaved({
      call: async (what, request) => {
        if (what.startsWith('list the volume claims')) {
          await asActivity(activities.ensureNamespace, input, { currentAttemptScheduledTimestampMs: 3 });
        }
        return cluster.kube.call(what, request);
      },
    });
    await expect(
      asActivity(overtaken.deleteNamespace, input, { currentAttemptScheduledTimestampMs: 2 }),
    ).rejects.toMatchObject({
      code: 'ATTEMPT_FENCED',
    });
    expect((await cluster.kube.core.readNamespace({ name: input.store.namespace })).status?.phase).toBe('Active');
    await asActivity(activities.deleteNamespace, input, { currentAttemptScheduledTimestampMs: 4 });
  });

  test('does not recreate a namespace that was deleted after it had read it', async () => {
    const input = clusterInput();
    const { namespace } = input.store;
    const overtaken = interleaved({
      apply: async (object, options) => {
        if (object.kind === 'Namespace') {
          await asActivity(activities.deleteNamespace, input);
          await asActivity(activities.awaitAbsence, input);
        }
        return cluster.kube.apply(object, options);
      },
    });
    await expect(asActivity(overtaken.ensureNamespace, input)).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
    await expect(cluster.kube.core.readNamespace({ name: namespace })).rejects.toMatchObject({ code: 404 });
  });
});

/**
 * Creates a volume and a claim that is bound to it. A finalizer keeps the volume after its claim is gone, until `free`
 * removes it.
 */
async function boundVolume(
  namespace: string,
  policy: 'Retain' | 'Delete',
  claimed: { readonly namespace: string } = { namespace },
): Promise<{ readonly volume: string; readonly free: () => Promise<void> }> {
  const { core } = cluster.kube;
  const volume = `volume-${randomUUID()}`;
  const claim = `data-${randomUUID()}`;
  const metadata = { name: volume, finalizers: ['example.com/hold'] };
  const size = { accessModes: ['ReadWriteOnce'], storageClassName: 'none' };
  await core.createPersistentVolume({
    body: {
      metadata,
      spec: {
        ...size,
        capacity: { storage: '1Gi' },
        claimRef: { kind: 'PersistentVolumeClaim', name: claim, namespace: claimed.namespace },
        hostPath: { path: '/nowhere' },
        persistentVolumeReclaimPolicy: policy,
      },
    },
  });
  const spec = { ...size, volumeName: volume, resources: { requests: { storage: '1Gi' } } };
  // A new quota refuses claims until its controller has computed the usage.
  await eventually(() =>
    core.createNamespacedPersistentVolumeClaim({ namespace, body: { metadata: { name: claim }, spec } }),
  );
  async function free(): Promise<void> {
    await cluster.kube.merge({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volume, finalizers: null as never },
    });
    await cluster.kube.callUnless(404, 'delete the volume', () => core.deletePersistentVolume({ name: volume }));
    // A controller may have added its own finalizer in between, and removes it a moment later.
    await eventually(async () => {
      const found = await cluster.kube.callUnless(404, 'read the volume', () =>
        core.readPersistentVolume({ name: volume }),
      );
      return found === undefined;
    });
  }
  return { volume, free };
}

/** Returns activities that count their lists of all volumes of the cluster. */
function counted() {
  const { kube, lists } = countVolumeLists(cluster.kube);
  return {
    lists,
    withCount: (seed: { readonly firstAbsenceAttemptMs?: number } = {}) => cluster.activities({ kube, ...seed }),
  };
}

describe('deleteNamespace', () => {
  /**
   * Creates a pod on a node that does not exist: no kubelet ends it, and a finalizer keeps its requested grace period.
   */
  async function stuckPod(namespace: string): Promise<() => Promise<number | undefined>> {
    const name = 'stuck';
    const spec = restrictedPod({ nodeName: 'nowhere', terminationGracePeriodSeconds: 60 });
    const metadata = { name, finalizers: ['example.com/hold'] };
    await cluster.kube.core.createNamespacedPod({ namespace, body: { metadata, spec } });
    return async () => {
      const { metadata: current } = await cluster.kube.core.readNamespacedPod({ name, namespace });
      return current?.deletionGracePeriodSeconds;
    };
  }

  /** Lets the cluster remove the pod. */
  async function freePod(namespace: string): Promise<void> {
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stuck', namespace, finalizers: null as never } };
    await cluster.kube.merge(object);
    await cluster.kube.core.deleteNamespacedPod({ name: 'stuck', namespace, gracePeriodSeconds: 0 });
  }

  test('shortens the grace period of pods whose data is deleted too', async () => {
    const input = clusterInput();
    const { namespace } = input.store;
    await asActivity(activities.ensureNamespace, input);
    const graceOfPod = await stuckPod(namespace);
    await asActivity(activities.deleteNamespace, input);
    expect(await graceOfPod()).toBe(2);
    await freePod(namespace);
  });

  test('keeps the grace period of pods when a volume is kept', async () => {
    const input = clusterInput();
    const { namespace } = input.store;
    await asActivity(activities.ensureNamespace, input);
    const graceOfPod = await stuckPod(namespace);
    const { free } = await boundVolume(namespace, 'Retain');
    await asActivity(activities.deleteNamespace, input);
    expect(await graceOfPod()).toBeUndefined();
    // The namespace controller deletes the pod later.
    expect(await eventually(graceOfPod)).toBe(60);
    await freePod(namespace);
    await free();
  });
});

describe('awaitAbsence', () => {
  test('returns a receipt for a deleted store in every call', async () => {
    const input = clusterInput();
    await asActivity(activities.ensureNamespace, input);
    expect(await asActivity(activities.deleteNamespace, input)).toEqual({ removed: true, volumes: [] });
    const object = `Namespace/${input.store.namespace}`;
    const receipt = await asActivity(activities.awaitAbsence, input);
    expect([[], [object]]).toContainEqual(receipt.removed); // it may be gone before the first list
    expect(await asActivity(activities.awaitAbsence, input)).toEqual({ checked: receipt.checked, removed: [] });
    expect(await asActivity(activities.deleteNamespace, input)).toEqual({ removed: false });
  });

  test('names the finalizer that blocks a namespace, and succeeds once it is removed', async () => {
    const input = clusterInput();
    const { namespace } = input.store;
    await asActivity(activities.ensureNamespace, input);
    const held = { metadata: { name: 'held', finalizers: ['example.com/hold'] } };
    await cluster.kube.core.createNamespacedConfigMap({ namespace, body: held });
    await asActivity(activities.deleteNamespace, input);
    await eventually(async () => {
      const { status } = await cluster.kube.core.readNamespace({ name: namespace });
      return status?.conditions?.some(
        ({ type, status: is }) => type === 'NamespaceFinalizersRemaining' && is === 'True',
      );
    });
    const withoutWaiting = cluster.activities({ firstAbsenceAttemptMs: 0 });
    await expect(asActivity(withoutWaiting.awaitAbsence, input)).rejects.toMatchObject({
      code: 'ABSENCE_UNPROVEN',
      publicMessage: expect.stringContaining('example.com/hold'),
      evidence: { leftovers: [`Namespace/${namespace}`] },
    });
    // A later attempt looks once, because a stuck deletion must not hold a slot.
    const waiting = cluster.activities({ firstAbsenceAttemptMs: 60_000 });
    const lookedAtMs = Date.now();
    await expect(asActivity(waiting.awaitAbsence, input, { attempt: 2 })).rejects.toMatchObject({
      code: 'ABSENCE_UNPROVEN',
    });
    expect(Date.now() - lookedAtMs).toBeLessThan(30_000);
    await cluster.kube.core.replaceNamespacedConfigMap({
      name: 'held',
      namespace,
      body: { metadata: { name: 'held' } },
    });
    await asActivity(activities.awaitAbsence, input);
  });
});

describe('the volumes of a store', () => {
  test('are waited for without a list of all volumes', async () => {
    const input = clusterInput();
    const { lists, withCount } = counted();
    await asActivity(withCount().ensureNamespace, input);
    const { volume, free } = await boundVolume(input.store.namespace, 'Delete');
    const removal = await asActivity(withCount().deleteNamespace, input);
    expect(removal).toEqual({ removed: true, volumes: [volume] });
    await eventually(() => isGone(input.store.namespace));
    const waiting = { ...input, volumes: removal.volumes };
    await expect(asActivity(withCount({ firstAbsenceAttemptMs: 600 }).awaitAbsence, waiting)).rejects.toMatchObject({
      code: 'ABSENCE_UNPROVEN',
      evidence: { leftovers: [`PersistentVolume/${volume}`] },
    });
    const absence = asActivity(withCount().awaitAbsence, waiting);
    await free();
    expect((await absence).kept).toBeUndefined();
    expect(lists.count()).toBe(0);
  });

  test('are found by one list when the namespace was gone before their names were known', async () => {
    const input = clusterInput();
    const { lists, withCount } = counted();
    await asActivity(activities.ensureNamespace, input);
    const { volume, free } = await boundVolume(input.store.namespace, 'Delete');
    await asActivity(activities.deleteNamespace, input);
    await eventually(() => isGone(input.store.namespace));
    // The run is reset or the delete is requested again: no claim names the volume any more.
    const removal = await asActivity(withCount().deleteNamespace, input);
    expect(removal).toEqual({ removed: false });
    const waiting = { ...input, volumes: removal.volumes };
    await expect(asActivity(withCount({ firstAbsenceAttemptMs: 2_000 }).awaitAbsence, waiting)).rejects.toMatchObject({
      code: 'ABSENCE_UNPROVEN',
      evidence: { leftovers: [`PersistentVolume/${volume}`] },
    });
    expect(lists.count()).toBe(1);
    expect(lists.limits()).toEqual([250]);
    const found = [`PersistentVolume/${volume}`];
    const heartbeatDetails = { found, volumes: [volume], areVolumesKnown: true };
    await free();
    const receipt = await asActivity(withCount().awaitAbsence, waiting, { attempt: 2, heartbeatDetails });
    expect(receipt.removed).toEqual(found);
    expect(lists.count()).toBe(1);
  });

  test('are listed in a retry that does not know what the attempt before did', async () => {
    const input = clusterInput();
    const { lists, withCount } = counted();
    await asActivity(withCount().awaitAbsence, { ...input, volumes: [] }, { attempt: 2 });
    expect(lists.count()).toBe(1);
  });

  test('are not known while a claim has no volume', async () => {
    const input = clusterInput();
    const { namespace } = input.store;
    await asActivity(activities.ensureNamespace, input);
    const spec = {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'none',
      resources: { requests: { storage: '1Gi' } },
    };
    const body = { metadata: { name: 'pending' }, spec };
    await eventually(() => cluster.kube.core.createNamespacedPersistentVolumeClaim({ namespace, body }));
    expect(await asActivity(activities.deleteNamespace, input)).toEqual({ removed: true });
  });

  test('are kept by their names, but not the volume of another namespace that a claim names', async () => {
    const input = clusterInput();
    const { lists, withCount } = counted();
    await asActivity(withCount().ensureNamespace, input);
    const { volume: foreign, free: freeForeign } = await boundVolume(input.store.namespace, 'Delete', {
      namespace: 'elsewhere',
    });
    expect(await asActivity(withCount().keepVolumes, { ...input, until: null })).toEqual({ kept: [], until: null });
    const unchanged = await cluster.kube.core.readPersistentVolume({ name: foreign });
    expect(unchanged.spec?.persistentVolumeReclaimPolicy).toBe('Delete');
    const { volume, free } = await boundVolume(input.store.namespace, 'Delete');
    const kept = [`PersistentVolume/${volume}`];
    expect(await asActivity(withCount().keepVolumes, { ...input, until: null })).toEqual({ kept, until: null });
    const removal = await asActivity(withCount().deleteNamespace, input);
    expect(await asActivity(withCount().awaitAbsence, { ...input, volumes: removal.volumes })).toMatchObject({ kept });
    expect(lists.count()).toBe(0);
    // A reset run keeps the same volumes, although their claims are gone.
    expect(await asActivity(withCount().keepVolumes, { ...input, until: null })).toEqual({ kept, until: null });
    expect(lists.count()).toBe(1);
    await Promise.all([free(), freeForeign()]);
  });
});

async function isGone(namespace: string): Promise<boolean> {
  const found = await cluster.kube.callUnless(404, 'read the namespace', () =>
    cluster.kube.core.readNamespace({ name: namespace }),
  );
  return found === undefined;
}
