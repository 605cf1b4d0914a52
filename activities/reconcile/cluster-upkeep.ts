import type { Kube } from '../adapters/kube.ts';
import { createDriftControl, type DriftControl, type DriftDependencies } from './drift-repair.ts';
import { createOrphanSearch, type OrphanSearch } from './orphan-search.ts';

/** The cluster as the reconciler sees it. */
export interface ClusterUpkeep {
  readonly drift: DriftControl;
  readonly orphans: OrphanSearch;
  /** Id of this platform among those that share the cluster. */
  readonly installation: () => Promise<string>;
}

export function createClusterUpkeep(deps: DriftDependencies & { readonly kube: Kube }): ClusterUpkeep {
  return {
    drift: createDriftControl(deps),
    orphans: createOrphanSearch(deps.kube),
    installation: deps.installation,
  };
}
