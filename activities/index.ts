import { atBoundary } from './at-boundary.ts';
import type { ClusterActivities } from './cluster-activities.ts';
import { createReconciliationActivities } from './reconciliation.ts';
import { createRecordActivities } from './store-records.ts';

export interface ActivityDependencies {
  readonly cluster: ClusterActivities;
  readonly records: Parameters<typeof createRecordActivities>[0];
  readonly reconciliation: Parameters<typeof createReconciliationActivities>[0];
}

/**
 * All activities by the task queue that serves them, each behind the one boundary that makes Temporal failures of ours.
 * `control` keeps records, `helm` writes to the cluster, `watch` only looks and waits.
 */
export function createActivities(deps: ActivityDependencies) {
  const { cluster } = deps;
  const records = createRecordActivities(deps.records);
  const reconciliation = createReconciliationActivities(deps.reconciliation);
  return {
    control: {
      beginOperation: atBoundary(records.beginOperation),
      recordProgress: atBoundary(records.recordProgress),
      endOperation: atBoundary(records.endOperation),
      holdOperation: atBoundary(records.holdOperation),
      endHold: atBoundary(records.endHold),
      undoDelete: atBoundary(records.undoDelete),
      startUnstarted: atBoundary(reconciliation.startUnstarted),
    },
    helm: {
      ensureNamespace: atBoundary(cluster.ensureNamespace),
      ensureSecrets: atBoundary(cluster.ensureSecrets),
      ensureRelease: atBoundary(cluster.ensureRelease),
      deleteRelease: atBoundary(cluster.deleteRelease),
      deleteNamespace: atBoundary(cluster.deleteNamespace),
      keepVolumes: atBoundary(cluster.keepVolumes),
      releaseVolumes: atBoundary(cluster.releaseVolumes),
    },
    watch: {
      awaitReady: atBoundary(cluster.awaitReady),
      verifyStore: atBoundary(cluster.verifyStore),
      awaitAbsence: atBoundary(cluster.awaitAbsence),
    },
  };
}

export type ActivitiesByQueue = ReturnType<typeof createActivities>;
export type Activities = ActivitiesByQueue['control'] & ActivitiesByQueue['helm'] & ActivitiesByQueue['watch'];
