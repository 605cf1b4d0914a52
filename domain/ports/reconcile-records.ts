import type { OperationKind } from '../operations/catalogue.ts';
import type { StoreStatus } from '../store/status.ts';
import type { RepairCount } from '../store/repairs.ts';
import type { DriftedObject } from '../store/store.ts';
import type { UnstartedOperation } from './operation-records.ts';
import type { StoreTarget } from '../operations/inputs.ts';
import type { AbsenceReceipt } from '../operations/outcomes.ts';

export interface PageQuery {
  readonly limit: number;
  /** Id of the last store of the previous page. */
  readonly after?: string | undefined;
}

export interface RunningQuery extends PageQuery {
  /** Only stores whose record has not changed since. */
  readonly olderThan: Date;
  /**
   * `waiting`: operations that are queued, held or in their undelete window, so that their record does not change for a
   * long time. `active`: all others, also those that wait but have a request to end.
   */
  readonly scope: 'active' | 'waiting';
  readonly now: Date;
}

/** A page of the stores of a cluster. */
export interface ReadyQuery extends PageQuery {
  readonly cluster: string;
}

/** A ready store and its drift as of the last inspection. */
export interface ReadyStore {
  readonly store: StoreTarget;
  readonly correlationId: string;
  readonly drift: readonly DriftedObject[];
  /** Repairs that count for the pause before the next equal one. */
  readonly repairs: readonly RepairCount[];
  readonly areRepairsSuspended: boolean;
}

/** An operation that a workflow run has taken up and not ended, as its record says. */
export interface RunningOperation extends UnstartedOperation {
  readonly runId: string;
  readonly isCancelRequested: boolean;
  readonly isUndeleteRequested: boolean;
  /** When the record changed last. */
  readonly updatedAt: Date;
  /** Whether the condition `Stalled` of the store holds. */
  readonly isStalled: boolean;
  /** How often the operation was started again because its run was lost. */
  readonly restarts: number;
  readonly restartedAt: Date | null;
  /** Whether the operation was given a tenant slot while it waited, and its run has not confirmed it yet. */
  readonly isSlotUnconfirmed: boolean;
}

/** The facts that decide whether an object in the cluster belongs to a store. */
export interface StoreOwnership {
  readonly target: StoreTarget;
  readonly status: StoreStatus;
  readonly operation: { readonly kind: OperationKind; readonly isRunning: boolean };
  readonly isDeleteRequested: boolean;
  /** Whether the store was ready once. Then its objects may hold data. */
  readonly hasBeenReady: boolean;
  readonly correlationId: string;
  readonly updatedAt: Date;
}

export interface Inspection {
  readonly storeId: string;
  readonly drift: readonly DriftedObject[];
  /** The objects that the platform has just tried to repair. Null: the inspection does not follow a repair. */
  readonly repaired: readonly DriftedObject[] | null;
}

export interface InspectionOutcome {
  /** `delete`: a delete was requested, and no workflow run has taken it up. */
  readonly next: 'delete' | null;
}

/**
 * The records for the reconciler. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer.
 */
export interface ReconcileRecords {
  /** Lists ready stores of a cluster without an open operation, in the order of their ids. */
  listReady(query: ReadyQuery): Promise<readonly ReadyStore[]>;
  /** Lists operations that a workflow run has taken up, in the order of store ids. */
  listRunning(query: RunningQuery): Promise<readonly RunningOperation[]>;
  /** Writes that the run of an operation is started again. */
  recordRestart(input: {
    readonly operation: RunningOperation;
    readonly restarts: number;
    readonly now: Date;
  }): Promise<void>;
  /** Returns whether this run is still recorded as the store's running operation. */
  isStillRunning(operation: RunningOperation): Promise<boolean>;
  /** Returns whether a store is ready without an open operation, waits for its delete, or neither. */
  reconcileStatus(storeId: string): Promise<'ready' | 'delete' | 'other'>;
  ownershipById(storeIds: readonly string[]): Promise<readonly StoreOwnership[]>;
  ownershipByNamespace(namespaces: readonly string[]): Promise<readonly StoreOwnership[]>;
  /** Returns the repairs of a store that count for the pause before the next equal one. */
  repairsOf(storeId: string, now: Date): Promise<readonly RepairCount[]>;
  /**
   * Writes the result of an inspection if the store is ready without an open operation. Each changed result is one
   * event, except for objects that were repaired before and have changed again. The condition `RepairsSuspended` reports
   * those that changed again after every repair.
   */
  recordInspection(inspection: Inspection, now: Date): Promise<InspectionOutcome>;
  /** Records that the leftovers of a store are deleted. Does nothing for a store without a record. */
  recordLeftoversRemoved(
    input: { readonly storeId: string; readonly runId: string; readonly receipt: AbsenceReceipt },
    now: Date,
  ): Promise<InspectionOutcome>;
}
