import { openHelm, type HelmOptions } from './adapters/helm-cli.ts';
import { openKube } from './adapters/kube.ts';
import { uidOf } from './adapters/object-identity.ts';
import { createClusterActivities } from './cluster-activities.ts';
import { checkClusterAccess, findSettingProblems } from './cluster-check.ts';
import type { NamespaceDependencies } from './namespace/namespace.ts';
import { createNodeObserver } from './namespace/observe-nodes.ts';
import type { ReadinessDependencies } from './readiness/await-ready.ts';
import { createClusterReconciler, type ClusterReconciler } from './reconcile/cluster-reconciler.ts';
import { type ReleaseOptions, releaseValues } from './release/values.ts';
import { chartsIn, possibleReleases } from './release/release.ts';
import type { ClusterFacts } from '../domain/ports/cluster-records.ts';
import type { ClusterActivities } from '../domain/ports/cluster.ts';
import type { StoreTarget } from '../domain/operations/inputs.ts';
import type { TraceCall } from '../telemetry/tracing/tracing.ts';

export interface ClusterOptions {
  /** Name of the cluster in its record and in the task queues. */
  readonly name: string;
  readonly context: string;
  /** Paths of kubeconfig files, separated as in `KUBECONFIG`. Default: `.kube/config` in the home folder. */
  readonly kubeconfig?: string | undefined;
  readonly helmBin: string;
  /** See `HelmOptions`. */
  readonly onHelmRun?: HelmOptions['onRun'];
  /** Records a span for each run of Helm and each request to the Kubernetes API. Default: nothing does. */
  readonly traceCall?: TraceCall | undefined;
  /** Folder with one chart per engine. */
  readonly chartsDir: string;
  readonly readyDeadlineMs: number;
  /** See `ReadinessDependencies`. */
  readonly unschedulableMs?: number | undefined;
  readonly setCondition?: ReadinessDependencies['setCondition'];
  /** Options for the chart values of every store. */
  readonly values: ReleaseOptions;
  /** Certificates of authorities in PEM that sign the stores' certificates, in addition to the public ones. */
  readonly storeCa?: string | undefined;
  /** Networks in CIDR notation with DNS resolvers that are no pods of `kube-system`. */
  readonly dnsNetworks?: readonly string[];
  /** See `NamespaceDependencies`. */
  readonly extraPerPod?: NamespaceDependencies['extraPerPod'];
  /** Id of the installation: several may share the cluster. */
  readonly installation: string;
  /** The environment of the process. Helm gets only the variables that it needs to reach the cluster. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Cluster {
  readonly activities: ClusterActivities;
  readonly reconciler: ClusterReconciler;
  /** Checks that the Kubernetes client and Helm reach the cluster. @throws Error that says why one of them does not. */
  checkAccess(): Promise<void>;
  /** Returns one sentence for each setting that the cluster cannot fulfil. */
  findSettingProblems(): Promise<readonly string[]>;
  /** Resolves when the Kubernetes API answers a small request. @throws StoreError with the reason. */
  ping(): Promise<void>;
  /** Returns the identity and the address of the cluster, its version and the kind of its nodes. @throws StoreError when it does not answer. */
  describe(): Promise<ClusterFacts>;
}

/**
 * Opens a cluster and Helm, and creates the activities of operations and of the reconciler on them.
 *
 * @throws Error when the kubeconfig has no such context, or Helm is missing or too old.
 */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { context, kubeconfig, traceCall, chartsDir, readyDeadlineMs, dnsNetworks = [], installation } = options;
  const { extraPerPod } = options;
  const source = { context, kubeconfig, env: options.env };
  const kube = openKube({ ...source, traceCall });
  const helm = await openHelm({ ...source, bin: options.helmBin, onRun: options.onHelmRun, traceCall });
  const chartOf = chartsIn(chartsDir);
  const valuesOf = (store: StoreTarget) => releaseValues(store, options.values);
  const addressOf = ({ host }: StoreTarget) => `${options.values.scheme}://${host}:${options.values.port}`;
  const activities = createClusterActivities({
    kube,
    helm,
    chartOf,
    valuesOf,
    addressOf,
    ca: options.storeCa,
    readyDeadlineMs,
    unschedulableMs: options.unschedulableMs,
    setCondition: options.setCondition,
    dnsNetworks,
    extraPerPod,
    installation,
  });
  const observeNodes = createNodeObserver({ kube, now: Date.now });
  return {
    activities,
    reconciler: createClusterReconciler({
      name: options.name,
      kube,
      installation,
      addressOf,
      releasesOf: (store) => possibleReleases(kube, store, { chart: chartOf(store.engine), values: valuesOf(store) }),
      dnsNetworks,
      extraPerPod,
      ensureRelease: activities.ensureRelease,
    }),
    checkAccess: () => checkClusterAccess(source, { kube, helm }),
    findSettingProblems: () => findSettingProblems(kube, options.values),
    ping: async () => void (await kube.call('list the namespaces', () => kube.core.listNamespace({ limit: 1 }))),
    describe: async () => ({
      uid: uidOf(
        await kube.call('read the namespace kube-system', () => kube.core.readNamespace({ name: 'kube-system' })),
        'Namespace',
      ),
      address: withoutCredentials(kube.server),
      kubernetesVersion: (await kube.call('read its version', () => kube.version.getCode())).gitVersion,
      nodes: await observeNodes(),
    }),
  };
}

/** Returns an address without a user, a password and a query. */
function withoutCredentials(server: string): string {
  const { origin, pathname } = new URL(server);
  return pathname === '/' ? origin : origin + pathname;
}
