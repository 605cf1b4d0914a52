import type { NodeKind, CheckoutVerification, Verification } from '../store/store.ts';
import type {
  ActivityInput,
  AwaitReadyInput,
  EnsureReleaseInput,
  KeepVolumesInput,
  StoreTarget,
} from '../operations/inputs.ts';
import type {
  AbsenceReceipt,
  KeptVolumes,
  NamespaceResult,
  ReadinessSummary,
  ReleaseResult,
  SecretsResult,
} from '../operations/outcomes.ts';

/** Input of a check that stops before the order. */
export interface VerifyCheckoutInput {
  readonly store: StoreTarget;
}

export type VerifyStoreInput = ActivityInput & { readonly nodes: NodeKind };
/** Whether there was something to remove. False is success too: it is gone either way. */
export type RemovalResult = { readonly removed: boolean };

/** All that touches the cluster. Each may be called again at any time; each throws StoreError or, when cancelled, CancelledFailure. */
export interface ClusterActivities {
  readonly ensureNamespace: (input: ActivityInput) => Promise<NamespaceResult>;
  readonly ensureSecrets: (input: ActivityInput) => Promise<SecretsResult>;
  readonly ensureRelease: (input: EnsureReleaseInput) => Promise<ReleaseResult>;
  readonly awaitReady: (input: AwaitReadyInput) => Promise<ReadinessSummary>;
  readonly verifyStore: (input: VerifyStoreInput) => Promise<Verification>;
  readonly verifyCheckout: (input: VerifyCheckoutInput) => Promise<CheckoutVerification>;
  readonly deleteRelease: (input: ActivityInput) => Promise<RemovalResult>;
  readonly deleteNamespace: (input: ActivityInput) => Promise<RemovalResult>;
  readonly awaitAbsence: (input: ActivityInput) => Promise<AbsenceReceipt>;
  readonly keepVolumes: (input: KeepVolumesInput) => Promise<KeptVolumes>;
  readonly expireVolumes: (input: ActivityInput) => Promise<KeptVolumes>;
}
