import type { Evidence, FailureCode } from '../failure.ts';
import type { DeletePlan } from '../store/status.ts';
import type { NodeKind, Verification } from '../store/store.ts';
import type { Step } from './catalogue.ts';

/** Why an operation failed or is held. */
export interface OperationFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly step: Step | null;
  readonly evidence: Evidence | null;
}

/** Tenant slots that a write gave to queued operations. */
export interface SlotHandover {
  /** Stores whose queued operations have a slot now. The run must signal their runs. Missing: none. */
  readonly nextInQueue?: readonly string[];
}

/** `queued`: the tenant has no free slot, and the run waits until its operation has one. */
export interface SlotRequest extends SlotHandover {
  readonly tenantSlot?: 'queued';
}

export type BeginOutcome =
  | (SlotRequest & {
      readonly kind: 'begun';
      /** How to delete. Only for a delete; missing: at once and with all volumes. */
      readonly deletion?: DeletePlan;
    })
  /** A cancel was requested before a run took the operation up. The operation has ended, and no step may run. */
  | (SlotHandover & { readonly kind: 'cancelled' })
  /** A delete was requested before the first step. Nothing must be undone, and the run becomes that delete. */
  | { readonly kind: 'superseded' };

export interface TenantSlotResult extends SlotHandover {
  /** False: the operation is still queued. */
  readonly acquired: boolean;
}

export interface RecordProgressResult {
  /** `undelete`: an undelete of the store was accepted. The step has not started, and the run must undo the delete. */
  readonly next?: 'undelete';
}

export interface StepRecord {
  readonly step: Step;
  readonly durationMs: number;
  /** Facts for the event. Callers see them, so they are small and hold no secrets. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface HoldResult extends SlotHandover {
  /** Seconds that the run waits for a decision before it aborts. */
  readonly holdSeconds: number;
}

export type EndHoldResult = SlotRequest;

export type OperationOutcome =
  | { readonly kind: 'ready'; readonly verification: Verification; readonly completed: StepRecord }
  | { readonly kind: 'failed'; readonly failure: OperationFailure; readonly undo: UndoReport }
  | { readonly kind: 'cancelled'; readonly step: Step | null; readonly undo: UndoReport }
  | { readonly kind: 'deleted'; readonly receipt: AbsenceReceipt; readonly completed: StepRecord };

export interface EndOperationResult extends SlotHandover {
  /**
   * `delete`: a delete was requested while the operation ran, and the run must continue as that delete.
   * `cancel`: a cancel was accepted before the end. The operation has not ended, and the run must undo its steps.
   */
  readonly next: 'delete' | 'cancel' | null;
}

/** The undos of an operation, by name. `leftBehind` lists those that failed. */
export interface UndoReport {
  readonly undone: readonly string[];
  readonly leftBehind: readonly string[];
}

export interface NamespaceResult {
  readonly uid: string;
  readonly nodes: NodeKind;
}

export interface NamespaceRemoval {
  /** False: the namespace did not exist. This is also success. */
  readonly removed: boolean;
  /** Names of the volumes of its claims. Missing: not known. */
  readonly volumes?: readonly string[];
}

export interface SecretsResult {
  readonly secretName: string;
  /** False: the Secret existed and was not changed. */
  readonly created: boolean;
}

export interface ReleaseResult {
  readonly revision: number;
  readonly chartVersion: string;
  readonly action: 'installed' | 'upgraded' | 'unchanged';
  /** How the lock that a killed Helm had left was removed. */
  readonly unlocked: 'none' | 'removed-record' | 'rolled-back';
}

/** Volumes that are kept after their store, as `PersistentVolume/name`. */
export interface KeptVolumes {
  readonly kept: readonly string[];
  readonly until: string | null;
}

export interface ReadinessSummary {
  readonly pods: number;
  readonly volumes: number;
  readonly jobs: number;
  /** Workloads that are not required for checkout and still start, as `Kind/name (progress)`. Missing: none. */
  readonly unfinished?: readonly string[];
}

/** Receipt that no object of a store is left in the cluster. */
export interface AbsenceReceipt {
  /** Kinds that were looked up and had no objects of the store. */
  readonly checked: readonly string[];
  /** Objects that existed at the first check and are gone now, as `Kind/name`. */
  readonly removed: readonly string[];
  /** Objects that stay because the volume policy of the store or the reclaim policy of the cluster says so. */
  readonly kept?: readonly string[];
  /** RFC 3339. When the kept volumes of the store are deleted. Missing: never. */
  readonly keptUntil?: string;
}
