import { toActivityFailure } from '../runtime/activity-failure.ts';
import type { ClusterReconciler } from './cluster-reconciler.ts';
import { createKeptVolumeActivities } from './kept-volumes.ts';
import { createDriftActivities, type DriftPolicy } from './drift.ts';
import { createOrphanActivities, type OrphanDependencies } from './orphans.ts';
import type { PassPace } from './inspection-pass.ts';
import type { PassPositions } from '../../domain/ports/pass-positions.ts';
import type { ReconcileRecords } from '../../domain/ports/reconcile-records.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';

export interface ReconcileDependencies {
  readonly cluster: ClusterReconciler;
  readonly stores: ReconcileRecords;
  readonly orphans: OrphanDependencies['list'];
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
  const { cluster, stores, operations, now } = deps;
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
    ownership: stores,
    list: deps.orphans,
    operations,
    graceSeconds: deps.orphanGraceSeconds,
    maxRemovals: deps.maxOrphanRemovals,
    now,
  });
  const keptVolumes = createKeptVolumeActivities({ search: cluster.keptVolumes, ownership: stores, now });
  return {
    control: {
      checkLeftovers: toActivityFailure(orphans.checkLeftovers),
      recordLeftoversRemoved: toActivityFailure(orphans.recordLeftoversRemoved),
    },
    helm: {
      repairStore: toActivityFailure(drift.repairStore),
      releaseExpiredVolumes: toActivityFailure(keptVolumes.releaseExpiredVolumes),
    },
    watch: {
      inspectStores: toActivityFailure(drift.inspectStores),
      findOrphans: toActivityFailure(orphans.findOrphans),
      settleOrphans: toActivityFailure(orphans.settleOrphans),
    },
  };
}
