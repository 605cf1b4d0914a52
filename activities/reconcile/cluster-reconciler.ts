import type { StoreTarget } from '../../domain/operations/inputs.ts';
import type { Kube } from '../adapters/kube.ts';
import { createStoreReader, type StoreReader } from './adoption.ts';
import { createDriftControl, type DriftControl, type DriftDependencies } from './drift-repair.ts';
import { createKeptVolumeSearch, type KeptVolumeSearch } from './kept-volume-search.ts';
import { createOrphanSearch, type OrphanSearch } from './orphan-search.ts';
import { createDatabaseMemory, type DatabaseMemory } from './removal-guard.ts';

/** The operations of the reconciler on the cluster. */
export interface ClusterReconciler {
  /** Name of the cluster. */
  readonly name: string;
  readonly drift: DriftControl;
  readonly orphans: OrphanSearch;
  readonly keptVolumes: KeptVolumeSearch;
  readonly stores: StoreReader;
  readonly databaseMemory: DatabaseMemory;
  /** Id of the installation: several may share the cluster. */
  readonly installation: string;
}

export function createClusterReconciler(
  deps: DriftDependencies & {
    readonly name: string;
    readonly kube: Kube;
    readonly addressOf: (store: StoreTarget) => string;
  },
): ClusterReconciler {
  const { name, kube, installation } = deps;
  return {
    name,
    drift: createDriftControl(deps),
    orphans: createOrphanSearch(kube, installation),
    keptVolumes: createKeptVolumeSearch(kube, installation),
    stores: createStoreReader(deps),
    databaseMemory: createDatabaseMemory(kube, installation),
    installation,
  };
}
