import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { DefaultLogger } from '@temporalio/worker';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type Helm, openHelm } from '../../../activities/adapters/helm-cli.ts';
import { type Kube, openKube } from '../../../activities/adapters/kube.ts';
import { type ClusterDependencies, createClusterActivities } from '../../../activities/cluster-activities.ts';
import { type ClusterReconciler, createClusterReconciler } from '../../../activities/reconcile/cluster-reconciler.ts';
import { DEFAULT_CLUSTER } from '../../../domain/names.ts';
import { testStack } from '../stack/stack.ts';
import type { ClusterActivities } from '../../../domain/ports/cluster.ts';
import type { ActivityInput, StoreTarget } from '../../../domain/operations/inputs.ts';
import type { OwnedStore } from '../../../activities/namespace/ownership.ts';

/** Owner of the objects of tests that do not choose an installation. */
export const TEST_INSTALLATION = 'test';

const TINY_CHART = fileURLToPath(new URL('../../charts/tiny', import.meta.url));

/** Returns activity input for a store that no other test uses. */
export function clusterInput(seed: Partial<StoreTarget> = {}): ActivityInput {
  const slug = `acme-${randomBytes(4).toString('hex')}`;
  const store: StoreTarget = {
    storeId: randomUUID(),
    cluster: DEFAULT_CLUSTER,
    tenantId: 'tenant',
    name: 'Acme',
    engine: 'woocommerce',
    namespace: `store-${slug}`,
    releaseName: slug,
    host: `${slug}.localhost`,
    ...seed,
  };
  const run = {
    kind: 'provision' as const,
    workflowId: `store/${store.storeId}`,
    runId: randomUUID(),
    correlationId: 'test',
  };
  return { store, run };
}

/** Returns the store with the installation of tests as its owner. */
export function ownedInTest(store: StoreTarget): OwnedStore {
  return { ...store, installation: TEST_INSTALLATION };
}

/** Fields of the activity attempt's `Info`. */
export type ActivityInfo = ConstructorParameters<typeof MockActivityEnvironment>[0];

/** Returns an activity context that logs errors only, so that warnings do not appear in the test output. */
export function activityEnvironment(info: ActivityInfo = {}): MockActivityEnvironment {
  const workflowExecution = { workflowId: 'test', runId: randomUUID() };
  return new MockActivityEnvironment({ workflowExecution, ...info }, { logger: new DefaultLogger('ERROR') });
}

/** Runs an activity once, in an activity context, as a worker does. */
export function asActivity<I, O>(activity: (input: I) => Promise<O>, input: I, info?: ActivityInfo): Promise<O> {
  return activityEnvironment(info).run(activity, input);
}

/** The release that the activities of tests install, without further values. */
export const TINY_RELEASE = { chartName: 'tiny', chartVersion: '0.1.0', values: { existingSecret: 'store-secrets' } };

export interface TestCluster {
  readonly kube: Kube;
  readonly helm: Helm;
  /** Returns the real activities, with a chart of a few small objects instead of an engine's chart. */
  activities(
    seed?: Partial<ClusterDependencies> & { readonly values?: Readonly<Record<string, unknown>> },
  ): ClusterActivities;
  /** Returns the real reconciler of an installation. */
  reconciler(
    seed: Pick<Parameters<typeof createClusterReconciler>[0], 'installation' | 'ensureRelease'> &
      Partial<Parameters<typeof createClusterReconciler>[0]>,
  ): ClusterReconciler;
}

/** Opens the cluster of the test stack through the platform's own adapters. */
export async function openTestCluster(): Promise<TestCluster> {
  const { KUBECONFIG: kubeconfig, KUBE_CONTEXT: context, HELM_BIN: bin } = testStack();
  const kube = openKube({ context, kubeconfig });
  const helm = await openHelm({ bin, context, kubeconfig, env: process.env });
  return {
    kube,
    helm,
    activities: ({ values = {}, ...seed } = {}) =>
      createClusterActivities({
        kube,
        helm,
        chartOf: () => ({
          name: TINY_RELEASE.chartName,
          version: TINY_RELEASE.chartVersion,
          dir: TINY_CHART,
          volumeSizes: { data: 'db.storage.size' },
        }),
        valuesOf: () => ({ ...TINY_RELEASE.values, ...values }),
        addressOf: ({ host }) => `http://${host}`,
        readyDeadlineMs: 60_000,
        lockPatienceMs: 0,
        firstAbsenceAttemptMs: 60_000,
        installation: TEST_INSTALLATION,
        ...seed,
      }),
    reconciler: (seed) =>
      createClusterReconciler({
        name: DEFAULT_CLUSTER,
        kube,
        addressOf: ({ host }) => `http://${host}`,
        releasesOf: async () => [TINY_RELEASE],
        ...seed,
      }),
  };
}
