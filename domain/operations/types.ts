import type { Engine } from '../engines/index.ts';
import type { Evidence, FailureCode } from '../failure.ts';
import type { Overrides } from '../store/overrides.ts';
import type { DeletePlan, FailurePolicy } from '../store/status.ts';
import type { NodeKind, Verification } from '../store/store.ts';
import type { OperationKind, Step } from './catalogue.ts';

/** All that the steps of an operation need to know of a store. Travels in workflow inputs, so: no secrets, ever. */
export interface StoreTarget {
  readonly storeId: string;
  readonly tenantId: string;
  readonly name: string;
  readonly engine: Engine;
  readonly namespace: string;
  readonly releaseName: string;
  /** Host name of the storefront, e.g. `acme-shoes-1a2b3c4d.localhost`. */
  readonly host: string;
  /** `cleanup` when it is not given. */
  readonly onFailure?: FailurePolicy;
  /** What operators changed of the chart's values for this store; nothing when it is not given. */
  readonly overrides?: Overrides;
  /** The store has been ready, so there is something to lose: a provision that fails keeps its volumes and secrets. */
  readonly hasData?: boolean;
}

/** Input of every operation workflow. */
export interface OperationInput {
  readonly store: StoreTarget;
  /** `X-Correlation-ID` of the request that asked for it; in every log line and event that follows. */
  readonly correlationId: string;
}

/** Which run asks an activity to act: the fence, the events' dedupe key and the log fields are made of it. */
export interface OperationRun {
  readonly kind: OperationKind;
  readonly workflowId: string;
  readonly runId: string;
  readonly correlationId: string;
  /** How often the run was resumed; not given: never. A step that is done again is told again. */
  readonly round?: number;
}

/** First argument of every activity. */
export interface ActivityInput {
  readonly store: StoreTarget;
  readonly run: OperationRun;
}

/** Why an operation ended without success, in the words of `domain/failure.ts`. */
export interface OperationFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly step: Step | null;
  readonly evidence: Evidence | null;
}

export type BeginOutcome =
  | {
      readonly kind: 'begun';
      /** How to delete, for a delete; without it, at once and all of it. */
      readonly deletion?: DeletePlan;
      /** The tenant has no free slot: the run begins its steps when it has acquired one. */
      readonly tenantSlot?: 'queued';
    }
  /** A delete was asked for before the first step: nothing to undo, the run becomes that delete. */
  | { readonly kind: 'superseded' };

/** Provisions of a tenant that may run at once. */
export interface TenantSlotLimits {
  readonly maxRunning: number;
}

export interface TenantSlotResult {
  /** False: the tenant still has as many provisions running as it may. */
  readonly acquired: boolean;
}

export interface StepRecord {
  readonly step: Step;
  readonly durationMs: number;
  /** Facts for the event, shown to callers: small, no secrets. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface RecordProgressInput extends ActivityInput {
  readonly completed: StepRecord | null;
  readonly started: Step | null;
  /** Told at once, before anything is undone: callers see the cause while the clean-up still runs. */
  readonly failed: OperationFailure | null;
  /** What the store's nodes are, once the run has seen them. */
  readonly nodes: NodeKind | null;
}

export interface HoldInput extends ActivityInput {
  readonly failure: OperationFailure;
}

export interface HoldResult {
  /** How long the run waits for a decision before it aborts by itself. */
  readonly holdSeconds: number;
}

/** How a hold ended. The first two go on with the operation, the others undo it. */
export type HoldDecision =
  | { readonly kind: 'continue'; readonly change: Overrides | null }
  | { readonly kind: 'skip-verification' }
  | { readonly kind: 'abort' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancel' };

export interface EndHoldInput extends ActivityInput {
  readonly decision: HoldDecision;
}

export type OperationOutcome =
  | { readonly kind: 'ready'; readonly verification: Verification; readonly completed: StepRecord }
  | { readonly kind: 'failed'; readonly failure: OperationFailure; readonly undo: UndoReport }
  | { readonly kind: 'cancelled'; readonly step: Step | null; readonly undo: UndoReport }
  | { readonly kind: 'deleted'; readonly receipt: AbsenceReceipt; readonly completed: StepRecord };

export interface EndOperationInput extends ActivityInput {
  readonly outcome: OperationOutcome;
}

export interface EndOperationResult {
  /**
   * `delete`: a delete was asked for while the operation ran, and the run must go on as that delete. `cancel`: it has not
   * ended, since a cancel was accepted before, and is to be undone.
   */
  readonly next: 'delete' | 'cancel' | null;
  /** The tenant's store that has waited longest for its turn, if one does: now there is room. */
  readonly nextInQueue?: string;
}

/** What undoing did; `leftBehind` names the undos that did not succeed. */
export interface UndoReport {
  readonly undone: readonly string[];
  readonly leftBehind: readonly string[];
}

export interface NamespaceResult {
  readonly uid: string;
  readonly nodes: NodeKind;
}

export interface SecretsResult {
  readonly secretName: string;
  /** False: they were there already and were left as they are. */
  readonly created: boolean;
}

export interface ReleaseResult {
  readonly revision: number;
  readonly chartVersion: string;
  readonly action: 'installed' | 'upgraded' | 'unchanged';
  /** What was done about a lock that a killed Helm had left, if there was one. */
  readonly unlocked: 'none' | 'removed-record' | 'rolled-back';
}

export interface EnsureReleaseInput extends ActivityInput {
  /** Applies the release once more even when its record says that it is as wanted: what has failed of it is made anew. */
  readonly reapply?: boolean;
}

export interface KeepVolumesInput extends ActivityInput {
  /** RFC 3339; null: for ever. */
  readonly until: string | null;
}

/** Volumes that stay, as `PersistentVolume/name`. */
export interface KeptVolumes {
  readonly kept: readonly string[];
  readonly until: string | null;
}

/** Input of the run that lets kept volumes go. */
export interface ExpireVolumesInput extends OperationInput {
  readonly keepForDays: number;
}

/** How far a release must have come: all of it, or what customers need, while the rest may still be starting. */
export type ReadinessGoal = 'complete' | 'checkout';

export interface AwaitReadyInput extends ActivityInput {
  readonly revision: number;
  /** `complete` when it is not given. */
  readonly goal?: ReadinessGoal;
  /** When the release was first waited for; its deadline counts from then on. Not given: now. */
  readonly sinceMs?: number;
}

export interface ReadinessSummary {
  readonly pods: number;
  readonly volumes: number;
  readonly jobs: number;
  /** What is still starting though customers are served, as `Kind/name (how far)`; not given: nothing. */
  readonly unfinished?: readonly string[];
}

/** Proof of absence: the kinds that were listed and found empty. */
export interface AbsenceReceipt {
  readonly checked: readonly string[];
  /** What was found at the beginning and is gone now, as `Kind/name`. */
  readonly removed: readonly string[];
  /** What stays on purpose, since the policy for it, the store's or the cluster's, says so. */
  readonly kept?: readonly string[];
  /** When what the store's policy keeps goes, too; not given: never. */
  readonly keptUntil?: string;
}
