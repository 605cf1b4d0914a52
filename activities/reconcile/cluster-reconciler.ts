import type { Kube } from '../adapters/kube.ts';
import { createDriftControl, type DriftControl, type DriftDependencies } from './drift-repair.ts';
import { createKeptVolumeSearch, type KeptVolumeSearch } from './kept-volume-search.ts';
import { createOrphanSearch, type OrphanSearch } from './orphan-search.ts';

/** The operations of the reconciler on the cluster. */
export interface ClusterReconciler {
  readonly drift: DriftControl;
  readonly orphans: OrphanSearch;
  readonly keptVolumes: KeptVolumeSearch;
  /** Id of the installation: several may share the cluster. */
  readonly installation: string;
}

export function createClusterReconciler(deps: DriftDependencies & { readonly kube: Kube }): ClusterReconciler {
  return {
    drift: createDriftControl(deps),
    orphans: createOrphanSearch(deps.kube, deps.installation),
    keptVolumes: createKeptVolumeSearch(deps.kube, deps.installation),
    installation: deps.installation,
  };
}
