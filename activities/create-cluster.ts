import { openHelm } from './adapters/helm-cli.ts';
import { openKube } from './adapters/kube.ts';
import { createClusterActivities } from './cluster-activities.ts';
import { checkClusterAccess } from './cluster-check.ts';
import { createClusterReconciler, type ClusterReconciler } from './reconcile/cluster-reconciler.ts';
import { type ReleaseOptions, releaseValues } from './release/values.ts';
import { chartsIn, wantedRelease } from './release/release.ts';
import type { ClusterActivities } from '../domain/ports/cluster.ts';
import type { StoreTarget } from '../domain/operations/inputs.ts';

export interface ClusterOptions {
  readonly context: string;
  /** Paths of kubeconfig files, separated as in `KUBECONFIG`. Default: `.kube/config` in the home folder. */
  readonly kubeconfig?: string | undefined;
  readonly helmBin: string;
  /** Folder with one chart per engine. */
  readonly chartsDir: string;
  readonly readyDeadlineMs: number;
  /** Options for the chart values of every store. */
  readonly values: ReleaseOptions;
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
}

/**
 * Opens a cluster and Helm, and creates the activities of operations and of the reconciler on them.
 *
 * @throws Error when the kubeconfig has no such context, or Helm is missing or too old.
 */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { context, kubeconfig, chartsDir, readyDeadlineMs, installation } = options;
  const source = { context, kubeconfig, env: options.env };
  const kube = openKube(source);
  const helm = await openHelm({ ...source, bin: options.helmBin });
  const chartOf = chartsIn(chartsDir);
  const valuesOf = (store: StoreTarget) => releaseValues(store, options.values);
  const releaseOf = (store: StoreTarget) => wantedRelease(chartOf(store.engine), valuesOf(store));
  const addressOf = ({ host }: StoreTarget) => `${options.values.scheme}://${host}:${options.values.port}`;
  const activities = createClusterActivities({
    kube,
    helm,
    chartOf,
    valuesOf,
    addressOf,
    readyDeadlineMs,
    installation,
  });
  return {
    activities,
    reconciler: createClusterReconciler({
      kube,
      installation,
      addressOf,
      releaseOf,
      ensureRelease: activities.ensureRelease,
    }),
    checkAccess: () => checkClusterAccess(source, { kube, helm }),
  };
}
