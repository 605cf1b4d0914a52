import { RELEASE_ATTEMPTS, toActivityFailure, VERIFICATION_ATTEMPTS } from './runtime/activity-failure.ts';
import { createLostRunActivities } from './reconcile/lost-runs.ts';
import { createRecordActivities } from './records/operation-records.ts';
import {
  createVerificationRecordActivities,
  type VerificationRecordDependencies,
} from './records/verification-records.ts';
import { createRetentionActivities, type RetentionDependencies } from './records/retention.ts';
import { createReconcileActivities, type ReconcileDependencies } from './reconcile/index.ts';
import { createWebhookActivities, type WebhookDependencies } from './webhooks/index.ts';
import type { ClusterActivities } from '../domain/ports/cluster.ts';

export interface ActivityDependencies {
  readonly cluster: ClusterActivities;
  readonly records: Parameters<typeof createRecordActivities>[0];
  readonly lostRuns: Parameters<typeof createLostRunActivities>[0];
  readonly reconciler: ReconcileDependencies;
  readonly verifications: VerificationRecordDependencies;
  readonly retention: RetentionDependencies;
  /** Undefined: webhooks are off, and no worker polls their queue. */
  readonly webhooks?: WebhookDependencies | undefined;
}

/**
 * Creates all activities, by task queue. Each converts its errors to Temporal failures. `control` writes records,
 * `helm` changes the cluster, `watch` only reads and waits, `webhook` sends messages to receivers.
 */
export function createActivities(deps: ActivityDependencies) {
  const { cluster } = deps;
  const records = createRecordActivities(deps.records);
  const verifications = createVerificationRecordActivities(deps.verifications);
  const retention = createRetentionActivities(deps.retention);
  const reconciler = createReconcileActivities(deps.reconciler);
  const lostRuns = createLostRunActivities(deps.lostRuns);
  return {
    control: {
      beginOperation: toActivityFailure(records.beginOperation),
      acquireTenantSlot: toActivityFailure(records.acquireTenantSlot),
      recordProgress: toActivityFailure(records.recordProgress),
      endOperation: toActivityFailure(records.endOperation),
      holdOperation: toActivityFailure(records.holdOperation),
      endHold: toActivityFailure(records.endHold),
      undoDelete: toActivityFailure(records.undoDelete),
      startUnstarted: toActivityFailure(lostRuns.startUnstarted),
      restartLost: toActivityFailure(lostRuns.restartLost),
      beginVerification: toActivityFailure(verifications.beginVerification),
      listStoresToVerify: toActivityFailure(verifications.listStoresToVerify),
      endVerification: toActivityFailure(verifications.endVerification),
      recordVerification: toActivityFailure(verifications.recordVerification),
      eraseRecords: toActivityFailure(retention.eraseRecords),
      ...reconciler.control,
    },
    helm: {
      ensureNamespace: toActivityFailure(cluster.ensureNamespace),
      ensureSecrets: toActivityFailure(cluster.ensureSecrets),
      ensureRelease: toActivityFailure(cluster.ensureRelease, RELEASE_ATTEMPTS),
      deleteRelease: toActivityFailure(cluster.deleteRelease),
      deleteNamespace: toActivityFailure(cluster.deleteNamespace),
      keepVolumes: toActivityFailure(cluster.keepVolumes),
      ...reconciler.helm,
    },
    watch: {
      awaitReady: toActivityFailure(cluster.awaitReady),
      markReady: toActivityFailure(cluster.markReady),
      verifyStore: toActivityFailure(cluster.verifyStore, VERIFICATION_ATTEMPTS),
      verifyCheckout: toActivityFailure(cluster.verifyCheckout),
      awaitAbsence: toActivityFailure(cluster.awaitAbsence),
      ...reconciler.watch,
    },
    webhook: deps.webhooks === undefined ? undefined : createWebhookActivities(deps.webhooks),
  };
}

export type ActivitiesByQueue = ReturnType<typeof createActivities>;
export type Activities = ActivitiesByQueue['control'] &
  ActivitiesByQueue['helm'] &
  ActivitiesByQueue['watch'] &
  NonNullable<ActivitiesByQueue['webhook']>;
