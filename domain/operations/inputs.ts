import type { Engine } from '../engines/index.ts';
import type { OverrideChange, Overrides } from '../store/overrides.ts';
import type { FailurePolicy, VolumePolicy } from '../store/status.ts';
import type { NodeKind } from '../store/store.ts';
import type { OperationKind, Step } from './catalogue.ts';
import type { OperationFailure, OperationOutcome, StepRecord } from './outcomes.ts';

/**
 * The facts about a store that the steps of an operation need. It is part of workflow inputs, so it never holds a
 * secret.
 */
export interface StoreTarget {
  readonly storeId: string;
  /** Name of the cluster that the store is in. It decides which workers run the steps. */
  readonly cluster: string;
  readonly tenantId: string;
  readonly name: string;
  readonly engine: Engine;
  readonly namespace: string;
  readonly releaseName: string;
  /** Host name of the storefront, such as `acme-shoes-1a2b3c4d5e6f.localhost`. */
  readonly host: string;
  /** Default: `cleanup`. */
  readonly onFailure?: FailurePolicy;
  /** Chart values that operators changed for this store. */
  readonly overrides?: Overrides;
  /** For deletes that do not say what happens to the volumes. Missing: they are deleted with the store. */
  readonly volumePolicy?: VolumePolicy;
  /** The store was ready before, so it has data: a provision that fails keeps its volumes and secrets. */
  readonly hasData?: boolean;
}

/** Input of every operation workflow. */
export interface OperationInput {
  readonly store: StoreTarget;
  /** `X-Correlation-ID` of the request. It is part of every log line and event that follows. */
  readonly correlationId: string;
  /** The provision was continued after a hold: its release is applied again, so that its failed objects are replaced. */
  readonly reapply?: boolean;
}

/** The workflow run that calls an activity. Fence tokens, dedupe keys of events and log fields are built from it. */
export interface OperationRun {
  readonly kind: OperationKind;
  readonly workflowId: string;
  readonly runId: string;
  readonly correlationId: string;
  /** How often the run was continued after a hold. Missing: never. A step that is repeated is a new fact. */
  readonly round?: number;
}

/** First argument of every activity. */
export interface ActivityInput {
  readonly store: StoreTarget;
  readonly run: OperationRun;
}

export interface TenantSlotLimits {
  /** Operations of a tenant that need a slot and may run at the same time. */
  readonly maxRunning: number;
}

export interface RecordProgressInput extends ActivityInput {
  readonly completed: StepRecord | null;
  readonly started: Step | null;
  /** Recorded before anything is undone, so that callers see the cause while the undo still runs. */
  readonly failed: OperationFailure | null;
  /** The kind of the cluster's nodes, once the run has seen them. */
  readonly nodes: NodeKind | null;
}

export interface HoldInput extends ActivityInput {
  readonly failure: OperationFailure;
}

/** How a hold ended. The first two continue the operation, the others undo it. */
export type HoldDecision =
  | { readonly kind: 'continue'; readonly change: OverrideChange | null }
  | { readonly kind: 'skip-verification' }
  | { readonly kind: 'abort' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancel' };

export interface EndHoldInput extends ActivityInput {
  readonly decision: HoldDecision;
}

export interface EndOperationInput extends ActivityInput {
  readonly outcome: OperationOutcome;
}

export interface EnsureReleaseInput extends ActivityInput {
  /** Applies the release even if its record is as wanted, so that its failed objects are created again. */
  readonly reapply?: boolean;
}

export interface AwaitAbsenceInput extends ActivityInput {
  /** Names of the store's volumes, from the delete of its namespace. Missing: not known. */
  readonly volumes?: readonly string[] | undefined;
}

export interface KeepVolumesInput extends ActivityInput {
  /** RFC 3339. Null: without an end. */
  readonly until: string | null;
}

/** Part of a release that must be ready: all workloads, or those that are required for checkout. */
export type ReadinessGoal = 'complete' | 'checkout';

export interface AwaitReadyInput extends ActivityInput {
  readonly revision: number;
  /** Default: `complete`. */
  readonly goal?: ReadinessGoal;
  /** Milliseconds since the epoch from which the deadline counts. Default: now. */
  readonly sinceMs?: number;
}
