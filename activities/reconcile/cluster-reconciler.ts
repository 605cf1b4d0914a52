import type { Kube } from '../adapters/kube.ts';
import { createDriftControl, type DriftControl, type DriftDependencies } from './drift-repair.ts';
import { createOrphanSearch, type OrphanSearch } from './orphan-search.ts';

/** The cluster as the reconciler sees it. */
export interface ClusterReconciler {
  readonly drift: DriftControl;
  readonly orphans: OrphanSearch;
  /** Id of this platform among those that share the cluster. */
  readonly installation: () => Promise<string>;
}

export function createClusterReconciler(deps: DriftDependencies & { readonly kube: Kube }): ClusterReconciler {
  return {
    drift: createDriftControl(deps),
    orphans: createOrphanSearch(deps.kube),
    installation: deps.installation,
  };
}
