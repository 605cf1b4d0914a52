import { atBoundary } from './runtime/activity-failure.ts';
import { createReconciliationActivities } from './reconcile/lost-runs.ts';
import { createRecordActivities } from './records/operation-records.ts';
import { createCheckActivities, type CheckDependencies } from './records/verification-records.ts';
import { createUpkeepActivities, type UpkeepDependencies } from './reconcile/index.ts';
import type { ClusterActivities } from '../domain/ports/cluster.ts';

export interface ActivityDependencies {
  readonly cluster: ClusterActivities;
  readonly records: Parameters<typeof createRecordActivities>[0];
  readonly reconciliation: Parameters<typeof createReconciliationActivities>[0];
  readonly upkeep: UpkeepDependencies;
  readonly checks: CheckDependencies;
}

/**
 * All activities by the task queue that serves them, each behind the one boundary that makes Temporal failures of ours.
 * `control` keeps records, `helm` writes to the cluster, `watch` only looks and waits.
 */
export function createActivities(deps: ActivityDependencies) {
  const { cluster } = deps;
  const records = createRecordActivities(deps.records);
  const reconciliation = createReconciliationActivities(deps.reconciliation);
  const checks = createCheckActivities(deps.checks);
  const upkeep = createUpkeepActivities(deps.upkeep);
  return {
    control: {
      beginOperation: atBoundary(records.beginOperation),
      takeTurn: atBoundary(records.takeTurn),
      recordProgress: atBoundary(records.recordProgress),
      endOperation: atBoundary(records.endOperation),
      holdOperation: atBoundary(records.holdOperation),
      endHold: atBoundary(records.endHold),
      undoDelete: atBoundary(records.undoDelete),
      startUnstarted: atBoundary(reconciliation.startUnstarted),
      restartLost: atBoundary(reconciliation.restartLost),
      listServed: atBoundary(checks.listServed),
      recordCheck: atBoundary(checks.recordCheck),
      ...upkeep.control,
    },
    helm: {
      ensureNamespace: atBoundary(cluster.ensureNamespace),
      ensureSecrets: atBoundary(cluster.ensureSecrets),
      ensureRelease: atBoundary(cluster.ensureRelease),
      deleteRelease: atBoundary(cluster.deleteRelease),
      deleteNamespace: atBoundary(cluster.deleteNamespace),
      keepVolumes: atBoundary(cluster.keepVolumes),
      releaseVolumes: atBoundary(cluster.releaseVolumes),
      ...upkeep.helm,
    },
    watch: {
      awaitReady: atBoundary(cluster.awaitReady),
      verifyStore: atBoundary(cluster.verifyStore),
      checkStore: atBoundary(cluster.checkStore),
      awaitAbsence: atBoundary(cluster.awaitAbsence),
      ...upkeep.watch,
    },
  };
}

export type ActivitiesByQueue = ReturnType<typeof createActivities>;
export type Activities = ActivitiesByQueue['control'] & ActivitiesByQueue['helm'] & ActivitiesByQueue['watch'];
