import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type KubernetesObject, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { CancelledFailure } from '@temporalio/activity';
import { engineSpec } from '../../domain/engines/index.ts';
import { failureKind } from '../../domain/failure.ts';
import { ANNOTATIONS } from '../../domain/names.ts';
import {
  activityEnvironment,
  asActivity,
  clusterInput,
  openTestCluster,
  ownedInTest,
  TINY_RELEASE,
  type TestCluster,
} from '../../test/harness/platform/cluster-activities.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { decodeReleaseSecret, RELEASE_SECRET_TYPE, revisionOf } from '../adapters/helm-record.ts';
import type { Helm } from '../adapters/helm-cli.ts';
import type { Kube } from '../adapters/kube.ts';
import { inspectStore } from '../reconcile/drift-inspection.ts';
import { findSettingProblems } from '../cluster-check.ts';
import { releaseValues } from './values.ts';
import { listReleaseRecords } from './records.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

let cluster: TestCluster;
let activities: ClusterActivities;
let input: ActivityInput;
beforeAll(async () => {
  cluster = await openTestCluster();
  activities = cluster.activities();
});
beforeEach(async () => {
  input = clusterInput();
  await asActivity(activities.ensureNamespace, input);
});
afterEach(() => asActivity(activities.deleteNamespace, input));

async function history(): Promise<readonly string[]> {
  const records = await listReleaseRecords(cluster.kube, input.store);
  return records.map(revisionOf).map(({ revision, status }) => `${revision} ${status}`);
}

/** Rewrites the status of the newest record, as a killed Helm leaves it. */
async function setNewestStatus(status: string): Promise<void> {
  const { namespace } = input.store;
  const [newest] = await listReleaseRecords(cluster.kube, input.store);
  const name = newest?.metadata?.name ?? '';
  const packed = Buffer.from(newest?.data?.['release'] ?? '', 'base64').toString('ascii');
  const record = JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString());
  record.info.status = status;
  const release = Buffer.from(gzipSync(JSON.stringify(record)).toString('base64')).toString('base64');
  const labels = { ...newest?.metadata?.labels, status };
  const body = { type: RELEASE_SECRET_TYPE, metadata: { name, labels }, data: { release } };
  await cluster.kube.core.replaceNamespacedSecret({ name, namespace, body });
}

describe('ensureRelease', () => {
  test('installs once and changes nothing in a second call', async () => {
    const installed = await asActivity(activities.ensureRelease, input);
    expect(installed).toEqual({ revision: 1, chartVersion: '0.1.0', action: 'installed', unlocked: 'none' });
    expect(await asActivity(activities.ensureRelease, input)).toEqual({ ...installed, action: 'unchanged' });
    expect(await history()).toEqual(['1 deployed']);
  });

  test('upgrades the release for other values, and its record holds them', async () => {
    await asActivity(activities.ensureRelease, input);
    const scaled = cluster.activities({ values: { replicas: 2 } });
    expect(await asActivity(scaled.ensureRelease, input)).toMatchObject({ revision: 2, action: 'upgraded' });
    expect(await history()).toEqual(['2 deployed', '1 superseded']);
    const [newest] = await listReleaseRecords(cluster.kube, input.store);
    expect(newest && decodeReleaseSecret(newest).values).toEqual({ existingSecret: 'store-secrets', replicas: 2 });
  });

  test('removes the lock of a killed first install and adopts its objects', async () => {
    await asActivity(activities.ensureRelease, input);
    await setNewestStatus('pending-install');
    expect(await asActivity(activities.ensureRelease, input)).toMatchObject({
      action: 'installed',
      unlocked: 'removed-record',
    });
    expect(await history()).toEqual(['1 deployed']);
  });

  test('rolls back the lock of a killed upgrade, then upgrades', async () => {
    await asActivity(activities.ensureRelease, input);
    const scaled = cluster.activities({ values: { replicas: 2 } });
    await asActivity(scaled.ensureRelease, input);
    await setNewestStatus('pending-upgrade');
    expect(await asActivity(scaled.ensureRelease, input)).toMatchObject({
      action: 'upgraded',
      unlocked: 'rolled-back',
    });
    expect((await history())[0]).toBe('4 deployed');
  });

  test.each(['failed', 'uninstalling'])('deploys a release whose record is %s', async (status) => {
    await asActivity(activities.ensureRelease, input);
    await setNewestStatus(status);
    expect(await asActivity(activities.ensureRelease, input)).toMatchObject({ action: 'installed' });
    expect((await history())[0]).toMatch(/deployed$/);
  });

  test('values that the chart rejects are CHART_INVALID, with a message of one line without a path', async () => {
    const wrong = cluster.activities({ values: { replicas: 'many' } });
    const refused = asActivity(wrong.ensureRelease, input);
    await expect(refused).rejects.toMatchObject({ code: 'CHART_INVALID' });
    await expect(refused).rejects.toThrow(/replicas/);
    await expect(refused).rejects.not.toThrow(/\n|\/tmp|charts\/tiny/);
    expect(await history()).toEqual([]);
  });

  test('an object that exceeds the quota is NAMESPACE_QUOTA_EXCEEDED', async () => {
    const { namespace } = input.store;
    const quota = { metadata: { name: 'no-claims' }, spec: { hard: { persistentvolumeclaims: '0' } } };
    await cluster.kube.core.createNamespacedResourceQuota({ namespace, body: quota });
    await eventually(async () => {
      const { status } = await cluster.kube.core.readNamespacedResourceQuota({ name: 'no-claims', namespace });
      return status?.hard;
    });
    await expect(asActivity(activities.ensureRelease, input)).rejects.toMatchObject({
      code: 'NAMESPACE_QUOTA_EXCEEDED',
    });
    await cluster.kube.core.deleteNamespacedResourceQuota({ name: 'no-claims', namespace });
    expect(await asActivity(activities.ensureRelease, input)).toMatchObject({ action: 'installed' });
  });
});

describe('an object that was changed by hand', () => {
  /** Creates a StorageClass whose volumes can grow. */
  async function expandableClass(): Promise<string> {
    const name = `expandable-${input.store.releaseName}`;
    const standard = await cluster.kube.read(storageClass('standard'));
    await cluster.kube.apply({ ...standard, ...storageClass(name), allowVolumeExpansion: true } as KubernetesObject);
    return name;
  }

  function storageClass(name: string): KubernetesObject {
    return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name } };
  }

  async function claimSize(): Promise<string | undefined> {
    const { namespace } = input.store;
    const { spec } = await cluster.kube.core.readNamespacedPersistentVolumeClaim({ name: 'data', namespace });
    return spec?.resources?.requests?.['storage'];
  }

  /** Installs a release, waits for its volume and enlarges it. */
  async function installAndGrow(growing: ClusterActivities): Promise<void> {
    const { namespace } = input.store;
    await asActivity(growing.ensureSecrets, input);
    const { revision } = await asActivity(growing.ensureRelease, input);
    await asActivity(growing.awaitReady, { ...input, revision });
    await cluster.kube.core.patchNamespacedPersistentVolumeClaim(
      {
        name: 'data',
        namespace,
        body: { spec: { resources: { requests: { storage: '3Mi' } } } },
        fieldManager: 'kubectl-patch',
      },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  }

  test('a volume that was enlarged keeps its size when the store is installed again, and is drift until then', async () => {
    const growing = cluster.activities({ values: { storageClass: await expandableClass(), job: false } });
    await installAndGrow(growing);
    const inspectClaim = async () =>
      (
        await inspectStore(cluster.kube, ownedInTest(input.store), { releasesOf: async () => [TINY_RELEASE] })
      ).deviations
        .map(({ drifted }) => drifted)
        .filter(({ object }) => object === 'PersistentVolumeClaim/data');
    expect(await inspectClaim()).toMatchObject([
      {
        state: 'changed',
        fields: ['spec.resources.requests.storage'],
        needsPerson: expect.stringContaining('larger than the release asks for (3Mi instead of 1Mi)'),
      },
    ]);

    await asActivity(growing.deleteRelease, input);
    expect(await asActivity(growing.ensureRelease, input)).toMatchObject({ action: 'installed' });
    expect(await claimSize()).toBe('3Mi');
    expect(await inspectClaim()).toEqual([]);
    expect(await asActivity(growing.ensureRelease, input)).toMatchObject({ action: 'unchanged' });
    await cluster.kube.remove((await cluster.kube.read(storageClass(await expandableClass()))) ?? {});
  });

  test('a killed upgrade of a release whose volume was enlarged is unlocked', async () => {
    const values = { storageClass: await expandableClass(), job: false };
    await asActivity(cluster.activities({ values: { ...values, replicas: 2 } }).ensureRelease, input);
    const growing = cluster.activities({ values });
    await installAndGrow(growing);
    await setNewestStatus('pending-upgrade');
    expect(await asActivity(growing.ensureRelease, input)).toMatchObject({ unlocked: 'rolled-back' });
    expect((await history())[0]).toMatch(/deployed$/);
    expect(await claimSize()).toBe('3Mi');
    await cluster.kube.remove((await cluster.kube.read(storageClass(await expandableClass()))) ?? {});
  });

  test('a field that another program has changed is FIELD_CONFLICT, with the object and the program', async () => {
    await asActivity(activities.ensureRelease, input);
    const { namespace } = input.store;
    const containers = [{ name: 'main', image: 'docker.io/library/busybox:2' }];
    await cluster.kube.apps.patchNamespacedDeployment(
      { name: 'web', namespace, body: { spec: { template: { spec: { containers } } } }, fieldManager: 'kubectl-set' },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    const other = cluster.activities({ values: { image: 'docker.io/library/busybox:3' } });
    const refused = asActivity(other.ensureRelease, input);
    await expect(refused).rejects.toMatchObject({ code: 'FIELD_CONFLICT' });
    await expect(refused).rejects.toThrow(/web.*kubectl-set.*image/);
  });
});

function rivalOn(namespace: string) {
  const annotations = { [ANNOTATIONS.fence]: '1/run/activity/2/rival' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, annotations } };
}

describe('the fence', () => {
  test('an attempt that loses the fence after it began does not start Helm', async () => {
    const kube: Kube = {
      ...cluster.kube,
      merge: async (object) => {
        const merged = await cluster.kube.merge(object);
        await cluster.kube.merge(rivalOn(input.store.namespace));
        return merged;
      },
    };
    await expect(asActivity(cluster.activities({ kube }).ensureRelease, input)).rejects.toMatchObject({
      code: 'ATTEMPT_FENCED',
    });
    expect(await history()).toEqual([]);
  });

  test('an attempt that begins after a later attempt gives up', async () => {
    await cluster.kube.merge(rivalOn(input.store.namespace));
    const late = { workflowExecution: { workflowId: 'test', runId: 'run' }, activityId: 'activity', attempt: 1 };
    await expect(asActivity(activities.ensureRelease, input, late)).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' });
    expect(await asActivity(activities.ensureRelease, input, { ...late, attempt: 3 })).toMatchObject({ revision: 1 });
  });
});

describe('cancellation', () => {
  test('ends a running Helm before the activity ends, and the next attempt repairs the release', async () => {
    const environment = activityEnvironment();
    const helm: Helm = {
      ...cluster.helm,
      upgradeInstall: async (release) => {
        const running = cluster.helm.upgradeInstall(release);
        await eventually(async () => (await history()).length > 0);
        environment.cancel();
        return running;
      },
    };
    await expect(environment.run(cluster.activities({ helm }).ensureRelease, input)).rejects.toThrow(CancelledFailure);
    expect(await history()).toHaveLength(1);
    await asActivity(activities.ensureRelease, input);
    expect((await history())[0]).toMatch(/deployed$/);
  });
});

describe('deleteRelease', () => {
  test.each(['deployed', 'pending-install', 'pending-upgrade', 'failed', 'uninstalling'])(
    'uninstalls a release that is %s, and finds none in a second call',
    async (status) => {
      await asActivity(activities.ensureRelease, input);
      await setNewestStatus(status);
      expect(await asActivity(activities.deleteRelease, input)).toEqual({ removed: true });
      expect(await history()).toEqual([]);
      expect(await asActivity(activities.deleteRelease, input)).toEqual({ removed: false });
      const { items } = await cluster.kube.apps.listNamespacedDeployment({ namespace: input.store.namespace });
      expect(items).toEqual([]);
    },
  );

  test('succeeds without a namespace', async () => {
    expect(await asActivity(activities.deleteRelease, clusterInput())).toEqual({ removed: false });
  });
});

describe('a chart with a kind that the cluster does not have', () => {
  test('fails at the first attempt, and the message names the kind', async () => {
    const chart = engineSpec('medusa').chart;
    const dir = fileURLToPath(new URL(`../../helm/${chart}`, import.meta.url));
    const overlays = {
      medusa: { ingress: { enabled: false }, httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } },
    };
    const routed = cluster.activities({
      chartOf: () => ({ name: chart, version: engineSpec('medusa').chartVersion, dir, volumeSizes: {} }),
      valuesOf: (store) => releaseValues(store, { scheme: 'http', port: 80, overlays }),
    });
    const store = { ...input, store: { ...input.store, engine: 'medusa' } } as const;
    await expect(asActivity(routed.ensureRelease, store)).rejects.toMatchObject({
      code: 'CHART_INVALID',
      message: expect.stringContaining('the cluster has no kind HTTPRoute of gateway.networking.k8s.io/v1'),
    });
    expect(failureKind('CHART_INVALID').temporalRetryable).toBe(false);
    expect(await history()).toEqual([]);
  });

  test('is found before the first store when the settings need it', async () => {
    const overlays = { medusa: { httpRoute: { enabled: true } } };
    const certificate = { kind: 'issued', clusterIssuer: 'letsencrypt' } as const;
    const options = { scheme: 'https', port: 443, certificate, overlays } as const;
    expect(await findSettingProblems(cluster.kube, options)).toEqual([
      expect.stringMatching(/^medusa\.httpRoute\.enabled in STORE_VALUES_FILE needs the kind HTTPRoute of gateway\./),
      expect.stringMatching(/^STORE_TLS_ISSUER needs the kind ClusterIssuer of cert-manager\.io\/v1: install/),
    ]);
    expect(await findSettingProblems(cluster.kube, { scheme: 'http', port: 80 })).toEqual([]);
  });
});
