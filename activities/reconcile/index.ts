import { atBoundary } from '../runtime/activity-failure.ts';
import type { ClusterUpkeep } from './cluster-upkeep.ts';
import { createDriftActivities, type DriftPolicy } from './drift.ts';
import { createOrphanActivities, type OrphanDependencies } from './orphans.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';

export interface UpkeepDependencies {
  readonly cluster: ClusterUpkeep;
  readonly stores: OrphanDependencies['accounts'] & Parameters<typeof createDriftActivities>[0]['stores'];
  readonly orphans: OrphanDependencies['list'];
  readonly operations: Pick<StoreOperations, 'start'>;
  readonly driftPolicy: DriftPolicy;
  readonly orphanGraceSeconds: number;
  readonly maxOrphanRemovals: number;
  readonly now: () => Date;
}

/** The activities that compare cluster and records, by the task queue that serves them. */
export function createUpkeepActivities(deps: UpkeepDependencies) {
  const { cluster, stores, operations, now } = deps;
  const drift = createDriftActivities({ drift: cluster.drift, stores, operations, policy: deps.driftPolicy, now });
  const orphans = createOrphanActivities({
    search: cluster.orphans,
    installation: cluster.installation,
    accounts: stores,
    list: deps.orphans,
    operations,
    graceSeconds: deps.orphanGraceSeconds,
    maxRemovals: deps.maxOrphanRemovals,
    now,
  });
  return {
    control: {
      checkRemains: atBoundary(orphans.checkRemains),
      recordRemainsRemoved: atBoundary(orphans.recordRemainsRemoved),
    },
    helm: { repairStore: atBoundary(drift.repairStore) },
    watch: {
      inspectStores: atBoundary(drift.inspectStores),
      findOrphans: atBoundary(orphans.findOrphans),
      settleOrphans: atBoundary(orphans.settleOrphans),
    },
  };
}
