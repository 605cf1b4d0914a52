import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterScheduleIdsOf, DEFAULT_CLUSTER } from '../../../domain/names.ts';
import { eventually } from '../../harness/eventually.ts';
import { violation, type Violation } from '../checks/violation.ts';
import { CLAIM } from '../environment/charts.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import { isAccepted, statusOf } from '../traffic/history.ts';

/** Creates a store that only the fault uses, and waits until it is ready. */
async function readyStore(
  { client, runName }: FaultContext,
  name: string,
): Promise<{ storeId: string; namespace: string }> {
  const key = `${runName}-${name}`;
  await client.create({ key, name: `Shop ${key}`, engine: 'woocommerce' });
  const store = await client.waitUntilIdle(client.storeIdOfKey(key));
  if (store === undefined) throw new Error(`the store with the key ${key} did not become ready`);
  return store;
}

const PAIRS = 6;

const createAndDelete: FaultKind = {
  kind: 'create-raced-with-delete',
  title: 'A delete is sent while the create of the same store is in progress',
  inject: async ({ client, random, runName }) => {
    await Promise.all(
      Array.from({ length: PAIRS }, async (_, index) => {
        const key = `${runName}-race-${index}`;
        const afterMs = random.int(0, 400);
        const remove = async (): Promise<void> => {
          await delay(afterMs);
          // The delete gets 404 until the create is recorded.
          await eventually(async () => isAccepted(await client.request(client.storeIdOfKey(key), 'delete')), {
            intervalMs: 10,
          });
        };
        await Promise.all([client.create({ key, name: `Shop ${key}`, engine: 'woocommerce' }), remove()]);
      }),
    );
  },
};

const deleteAndRetry: FaultKind = {
  kind: 'delete-raced-with-retry',
  title: 'A delete and a retry of a cancelled store are sent at the same time',
  inject: async ({ client, random, runName }) => {
    await Promise.all(
      Array.from({ length: PAIRS }, async (_, index) => {
        const key = `${runName}-race-${index}`;
        const storeId = client.storeIdOfKey(key);
        await client.create({ key, name: `Shop ${key}`, engine: 'woocommerce' });
        await client.request(storeId, 'cancel');
        await client.waitUntilIdle(storeId);
        const [first, second] = random.chance(0.5) ? (['retry', 'delete'] as const) : (['delete', 'retry'] as const);
        const firstCall = client.request(storeId, first);
        await delay(random.int(0, 60));
        await Promise.all([firstCall, client.request(storeId, second)]);
      }),
    );
  },
};

const QUOTA = 10;
const CREATES = 50;

const overQuota: FaultKind = {
  kind: 'creates-over-quota',
  title: `${CREATES} creates at the same time; the quota is ${QUOTA} stores`,
  quota: QUOTA,
  traffic: { clients: 0 },
  setUp: ({ environment }) => environment.api.start({ env: { MAX_STORES_PER_TENANT: String(QUOTA) } }),
  inject: async ({ client, runName }) => {
    const calls = await Promise.all(
      Array.from({ length: CREATES }, (_, index) => {
        const key = `${runName}-many-${index}`;
        return client.create({ key, name: `Shop ${key}`, engine: 'medusa' });
      }),
    );
    const accepted = calls.filter(isAccepted);
    const rejected = calls.filter((call) => statusOf(call) === 429);
    if (accepted.length === QUOTA && rejected.length === CREATES - QUOTA) return [];
    return [
      violation(
        'I4',
        `${accepted.length} of ${CREATES} creates were accepted and ${rejected.length} rejected; the quota is ${QUOTA} stores`,
      ),
    ];
  },
};

const FINALIZER = 'fault-environment.invalid/held';

const stuckNamespace: FaultKind = {
  kind: 'namespace-stuck',
  title: 'A finalizer blocks the deletion of a namespace for 30 s while its store is deleted',
  traffic: { clients: 2 },
  inject: async (context) => {
    const { environment, client, outageMs, markHealed } = context;
    const { storeId: id, namespace } = await readyStore(context, 'stuck');
    const name = 'held';
    await environment.kube.core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name, finalizers: [FINALIZER] } },
    });
    await client.request(id, 'delete');
    await delay(outageMs(30_000));
    const { rows } = await environment.db.query<{ status: string }>('select status from stores where id = $1', [id]);
    const held = await environment.kube.core.readNamespacedConfigMap({ namespace, name });
    await environment.kube.core.replaceNamespacedConfigMap({
      namespace,
      name,
      body: { metadata: { name, resourceVersion: held.metadata?.resourceVersion ?? '', finalizers: [] } },
    });
    markHealed();
    return rows[0]?.status === 'deleting'
      ? []
      : [violation('I1', `${id} has the status ${rows[0]?.status}, but its namespace still exists`)];
  },
};

const NAMESPACE_ATTEMPTS = 5;
const DRIFT_DEADLINE_MS = 60_000;

const namespaceDeleted: FaultKind = {
  kind: 'namespace-deleted-by-hand',
  title: 'The namespace of a store is deleted by hand during the provision',
  expects: { kind: 'either' },
  inject: async (context) => {
    const { environment, client, watch, markHealed, random } = context;
    for (let attempt = 0; attempt < NAMESPACE_ATTEMPTS; attempt += 1) {
      const { id } = await watch.awaitBusy(random.pick(['install-release', 'await-ready'] as const));
      const { rows } = await environment.db.query<{ namespace: string }>('select namespace from stores where id = $1', [
        id,
      ]);
      const namespace = rows[0]?.namespace ?? '';
      await environment.kube.core.deleteNamespace({ name: namespace }).catch(() => undefined);
      const store = await client.waitUntilIdle(id);
      if (store?.status !== 'ready' || (await namespaceExists(context, namespace))) break;
      // The pods were seen ready before the namespace was deleted. The data is lost, so no repair is possible: the platform
      // must say so, and an operator deletes the store.
      if (!(await reportsDrift(context, id))) {
        return [violation('I3', `${id} is ready, and 60 s later nothing says that its namespace is gone`)];
      }
      await client.request(id, 'delete');
      await client.waitUntilIdle(id);
    }
    markHealed();
    return [];
  },
};

async function namespaceExists({ environment }: FaultContext, name: string): Promise<boolean> {
  const { items } = await environment.kube.core.listNamespace({ fieldSelector: `metadata.name=${name}` });
  return items.some(({ metadata }) => metadata?.deletionTimestamp === undefined);
}

/** Returns whether the record of a store says within a minute that the cluster differs from its release. */
async function reportsDrift({ environment }: FaultContext, id: string): Promise<boolean> {
  const { reconcileCluster } = clusterScheduleIdsOf(environment.installation, DEFAULT_CLUSTER);
  const isReported = async (): Promise<boolean> => {
    await environment.temporal.schedule.getHandle(reconcileCluster).trigger();
    const { rows } = await environment.db.query('select from stores where id = $1 and drift_since is not null', [id]);
    return rows.length > 0;
  };
  return eventually(isReported, { deadlineMs: DRIFT_DEADLINE_MS, intervalMs: 2_000 }).catch(() => false);
}

const REPAIR_DEADLINE_MS = 120_000;

const deploymentDeleted: FaultKind = {
  kind: 'objects-deleted-by-hand',
  title: 'The Deployment and the Service of a ready store are deleted by hand',
  traffic: { clients: 2 },
  inject: async (context) => {
    const { environment, markHealed } = context;
    const { storeId: id, namespace } = await readyStore(context, 'edited');
    await environment.kube.apps.deleteNamespacedDeployment({ namespace, name: 'web' });
    await environment.kube.core.deleteNamespacedService({ namespace, name: 'web' });
    markHealed();
    const { reconcileCluster } = clusterScheduleIdsOf(environment.installation, DEFAULT_CLUSTER);
    const isRepaired = async (): Promise<boolean> => {
      await environment.temporal.schedule.getHandle(reconcileCluster).trigger();
      const deployment = await environment.kube.apps.readNamespacedDeployment({ namespace, name: 'web' });
      await environment.kube.core.readNamespacedService({ namespace, name: 'web' });
      return (deployment.status?.readyReplicas ?? 0) > 0;
    };
    try {
      await eventually(isRepaired, { deadlineMs: REPAIR_DEADLINE_MS, intervalMs: 2_000 });
      return [];
    } catch {
      return [violation('I3', `${id} has the status ready, but its deleted objects were not recreated within 120 s`)];
    }
  },
};

const GROWN = '3Mi';
const GROWN_STORES = 3;

/** Enlarges the volume of a ready store, deletes the store and undeletes it. Returns what is wrong afterwards. */
async function growAndUndelete(context: FaultContext, name: string): Promise<readonly Violation[]> {
  const { environment, client } = context;
  const { core } = environment.kube;
  const { storeId, namespace } = await readyStore(context, name);
  await core.patchNamespacedPersistentVolumeClaim(
    {
      name: CLAIM,
      namespace,
      body: { spec: { resources: { requests: { storage: GROWN } } } },
      fieldManager: 'kubectl-patch',
    },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  );
  const before = await core.readNamespacedPersistentVolumeClaim({ name: CLAIM, namespace });
  await client.request(storeId, 'delete');
  await eventually(async () => isAccepted(await client.request(storeId, 'undelete')), {
    deadlineMs: 60_000,
    intervalMs: 500,
  });
  const store = await client.waitUntilIdle(storeId);
  if (store?.status !== 'ready') {
    const failure = JSON.stringify(store?.failure);
    return [
      violation(
        'I9',
        `${storeId} was undeleted with an enlarged volume and has the status ${store?.status}: ${failure}`,
      ),
    ];
  }
  const after = await core.readNamespacedPersistentVolumeClaim({ name: CLAIM, namespace });
  const size = after.spec?.resources?.requests?.['storage'];
  if (size === GROWN && after.metadata?.uid === before.metadata?.uid) return [];
  return [violation('I10', `the volume of ${storeId} was enlarged to ${GROWN}, but now asks for ${size}`)];
}

async function setExpandable({ environment }: FaultContext, allowVolumeExpansion: boolean): Promise<void> {
  await environment.kube.storage.patchStorageClass(
    { name: 'standard', body: { allowVolumeExpansion } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  );
}

const handGrownVolume: FaultKind = {
  kind: 'hand-grown-volume',
  title: 'The volume of a ready store is enlarged by hand, then the store is deleted and undeleted',
  traffic: { clients: 0 },
  setUp: async (context) => {
    await setExpandable(context, true);
    await context.environment.api.start({ env: { UNDELETE_WINDOW_SECONDS: '300' } });
  },
  inject: async (context) => {
    const names = Array.from({ length: GROWN_STORES }, (_, index) => `grown-${index}`);
    const violations = (await Promise.all(names.map((name) => growAndUndelete(context, name)))).flat();
    context.markHealed();
    return violations;
  },
  tearDown: (context) => setExpandable(context, false),
};

export const RACE_KINDS: readonly FaultKind[] = [
  createAndDelete,
  deleteAndRetry,
  overQuota,
  stuckNamespace,
  namespaceDeleted,
  deploymentDeleted,
  handGrownVolume,
];
