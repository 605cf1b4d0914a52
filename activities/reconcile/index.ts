import { RELEASE_ATTEMPTS, toActivityFailure } from '../runtime/activity-failure.ts';
import type { ClusterReconciler } from './cluster-reconciler.ts';
import { createKeptVolumeActivities } from './kept-volumes.ts';
import { createDriftActivities, type DriftPolicy } from './drift.ts';
import { createOrphanActivities, type OrphanDependencies } from './orphans.ts';
import type { PassPace } from './inspection-pass.ts';
import type { PassPositions } from '../../domain/ports/pass-positions.ts';
import { createAdoptionActivities } from './adoption.ts';
import { createRemovalGuard } from './removal-guard.ts';
import type { RemovalRecords } from '../../domain/ports/removal-records.ts';
import type { UnaccountedRecords } from '../../domain/ports/unaccounted-records.ts';
import type { ReconcileRecords } from '../../domain/ports/reconcile-records.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';

export interface ReconcileDependencies {
  readonly cluster: ClusterReconciler;
  readonly stores: ReconcileRecords;
  readonly orphans: OrphanDependencies['list'];
  readonly unaccounted: UnaccountedRecords;
  readonly removals: RemovalRecords;
  readonly operations: Pick<StoreOperations, 'start'>;
  readonly driftPolicy: DriftPolicy;
  readonly positions: PassPositions;
  /** Rate at which ready stores are inspected. */
  readonly inspectionPace: PassPace;
  readonly orphanGraceSeconds: number;
  readonly maxOrphanRemovals: number;
  readonly now: () => Date;
}

/** Creates the activities that compare the cluster with the records, by task queue. */
export function createReconcileActivities(deps: ReconcileDependencies) {
  const { cluster, stores, unaccounted, operations, now } = deps;
  const guard = createRemovalGuard({ memory: cluster.databaseMemory, records: deps.removals, now });
  const adoption = createAdoptionActivities({ reader: cluster.stores, unaccounted, now });
  const drift = createDriftActivities({
    drift: cluster.drift,
    stores,
    operations,
    policy: deps.driftPolicy,
    positions: deps.positions,
    pace: deps.inspectionPace,
    now,
  });
  const orphans = createOrphanActivities({
    search: cluster.orphans,
    installation: cluster.installation,
    cluster: cluster.name,
    ownership: stores,
    list: deps.orphans,
    unaccounted,
    guard,
    operations,
    graceSeconds: deps.orphanGraceSeconds,
    maxRemovals: deps.maxOrphanRemovals,
    now,
  });
  const keptVolumes = createKeptVolumeActivities({ search: cluster.keptVolumes, ownership: stores, guard, now });
  return {
    control: {
      recordLeftoversRemoved: toActivityFailure(orphans.recordLeftoversRemoved),
    },
    helm: {
      repairStore: toActivityFailure(drift.repairStore, RELEASE_ATTEMPTS),
      releaseExpiredVolumes: toActivityFailure(keptVolumes.releaseExpiredVolumes),
    },
    watch: {
      checkRemovals: toActivityFailure(orphans.checkRemovals),
      checkLeftovers: toActivityFailure(orphans.checkLeftovers),
      adoptStore: toActivityFailure(adoption.adoptStore),
      inspectStores: toActivityFailure(drift.inspectStores),
      findOrphans: toActivityFailure(orphans.findOrphans),
      settleOrphans: toActivityFailure(orphans.settleOrphans),
    },
  };
}
