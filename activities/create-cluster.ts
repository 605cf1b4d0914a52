import { openHelm } from './adapters/helm-cli.ts';
import { openKube } from './adapters/kube.ts';
import { createClusterActivities, type ClusterActivities } from './cluster-activities.ts';
import { type ReleaseOptions, releaseValues } from './release-values.ts';
import { chartsIn } from './releases.ts';

export interface ClusterOptions {
  readonly context: string;
  readonly kubeconfig?: string | undefined;
  readonly helmBin: string;
  /** Folder with one chart per engine. */
  readonly chartsDir: string;
  readonly readyDeadlineMs: number;
  /** What every store's values are made with. */
  readonly values: ReleaseOptions;
  /** The process's environment; Helm gets the little of it that it needs to reach the cluster. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The cluster activities on a real cluster and a real Helm.
 *
 * @throws Error when the kubeconfig lacks the context or Helm is missing or too old.
 */
export async function createCluster(options: ClusterOptions): Promise<ClusterActivities> {
  const { context, kubeconfig, chartsDir, readyDeadlineMs } = options;
  return createClusterActivities({
    kube: openKube({ context, kubeconfig }),
    helm: await openHelm({ bin: options.helmBin, context, kubeconfig, env: options.env }),
    chartOf: chartsIn(chartsDir),
    valuesOf: (store) => releaseValues(store, options.values),
    readyDeadlineMs,
  });
}
