import type { NodeKind, CheckoutVerification, Verification } from '../store/store.ts';
import type {
  ActivityInput,
  AwaitAbsenceInput,
  AwaitReadyInput,
  EnsureReleaseInput,
  KeepVolumesInput,
  StoreTarget,
} from '../operations/inputs.ts';
import type {
  AbsenceReceipt,
  KeptVolumes,
  NamespaceRemoval,
  NamespaceResult,
  ReadinessSummary,
  ReleaseResult,
  SecretsResult,
} from '../operations/outcomes.ts';

/** Input of a verification that stops before the order. */
export interface VerifyCheckoutInput {
  readonly store: StoreTarget;
}

export type VerifyStoreInput = ActivityInput & { readonly nodes: NodeKind };
/** Whether an object was removed. False is also success: the object did not exist. */
export type RemovalResult = { readonly removed: boolean };

/**
 * The activities that use the cluster. Each may be repeated at any time. Each throws StoreError, or CancelledFailure
 * when it is cancelled.
 */
export interface ClusterActivities {
  readonly ensureNamespace: (input: ActivityInput) => Promise<NamespaceResult>;
  readonly ensureSecrets: (input: ActivityInput) => Promise<SecretsResult>;
  readonly ensureRelease: (input: EnsureReleaseInput) => Promise<ReleaseResult>;
  readonly awaitReady: (input: AwaitReadyInput) => Promise<ReadinessSummary>;
  /** Marks the namespace of a store that is ready, for the case that the database loses its record. */
  readonly markReady: (input: ActivityInput) => Promise<void>;
  readonly verifyStore: (input: VerifyStoreInput) => Promise<Verification>;
  readonly verifyCheckout: (input: VerifyCheckoutInput) => Promise<CheckoutVerification>;
  readonly deleteRelease: (input: ActivityInput) => Promise<RemovalResult>;
  readonly deleteNamespace: (input: ActivityInput) => Promise<NamespaceRemoval>;
  readonly awaitAbsence: (input: AwaitAbsenceInput) => Promise<AbsenceReceipt>;
  readonly keepVolumes: (input: KeepVolumesInput) => Promise<KeptVolumes>;
}
