import type {
  AbsenceReceipt,
  ActivityInput,
  NamespaceResult,
  ReadinessResult,
  ReleaseResult,
  SecretsResult,
} from '../domain/operations.ts';
import type { NodeKind, Verification } from '../domain/store.ts';

export type AwaitReadyInput = ActivityInput & { readonly revision: number };
export type VerifyStoreInput = ActivityInput & { readonly nodes: NodeKind };
/** Whether there was something to remove. False is success too: it is gone either way. */
export type RemovalResult = { readonly removed: boolean };

/** All that touches the cluster. Each may be called again at any time; each throws StoreError or, when cancelled, CancelledFailure. */
export interface ClusterActivities {
  readonly ensureNamespace: (input: ActivityInput) => Promise<NamespaceResult>;
  readonly ensureSecrets: (input: ActivityInput) => Promise<SecretsResult>;
  readonly ensureRelease: (input: ActivityInput) => Promise<ReleaseResult>;
  readonly awaitReady: (input: AwaitReadyInput) => Promise<ReadinessResult>;
  readonly verifyStore: (input: VerifyStoreInput) => Promise<Verification>;
  readonly deleteRelease: (input: ActivityInput) => Promise<RemovalResult>;
  readonly deleteNamespace: (input: ActivityInput) => Promise<RemovalResult>;
  readonly awaitAbsence: (input: ActivityInput) => Promise<AbsenceReceipt>;
}
