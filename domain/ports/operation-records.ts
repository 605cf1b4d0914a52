import type { OperationKind } from '../operations/catalogue.ts';
import type {
  ActivityInput,
  EndHoldInput,
  EndOperationInput,
  HoldInput,
  RecordProgressInput,
  StoreTarget,
  TenantSlotLimits,
} from '../operations/inputs.ts';
import type {
  BeginOutcome,
  EndHoldResult,
  EndOperationResult,
  RecordProgressResult,
  SlotHandover,
  TenantSlotResult,
} from '../operations/outcomes.ts';

/** A recorded operation that no workflow run has taken up. */
export interface UnstartedOperation {
  readonly store: StoreTarget;
  readonly correlationId: string;
  readonly kind: OperationKind;
}

export interface UnstartedQuery {
  /** Only stores whose record has not changed since. */
  readonly olderThan: Date;
  readonly limit: number;
  /** Id of the last store of the previous page. */
  readonly after?: string | undefined;
}

/**
 * The records that workflow runs write about their operation. Two calls of a function, also at the same time, leave the
 * same state as one call. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer.
 */
export interface OperationRecords {
  /**
   * Makes the run's operation the current one and changes the status of the store.
   *
   * @param limits Slots of the tenant. Default: no limit.
   * @throws StoreError STORE_NOT_FOUND
   * @throws StoreError INVALID_STATE when the status of the store does not allow the operation.
   */
  begin(input: ActivityInput, now: Date, limits?: TenantSlotLimits): Promise<BeginOutcome>;
  /** Gives free tenant slots to the operations that are queued longest. Returns whether the run's operation has one. */
  acquireTenantSlot(input: ActivityInput, now: Date, limits?: TenantSlotLimits): Promise<TenantSlotResult>;
  /**
   * Writes the end of one step and the start of the next, or why the operation fails. Ignores a run that is over. After an
   * undelete was accepted, no step of the delete starts.
   *
   * @throws StoreError STORE_NOT_FOUND
   */
  recordProgress(input: RecordProgressInput, now: Date): Promise<RecordProgressResult>;
  /**
   * Holds the store at the step that failed, until the given instant at most. Frees its tenant slot. Ignores a run that
   * is over.
   */
  hold(input: HoldInput, until: Date, now: Date, limits?: TenantSlotLimits): Promise<SlotHandover>;
  /**
   * Ends the hold and keeps the overrides of the decision. An operation that continues needs a tenant slot again. Ignores
   * a run that is over.
   */
  endHold(input: EndHoldInput, now: Date, limits?: TenantSlotLimits): Promise<EndHoldResult>;
  /** Undoes a delete whose undelete window is open. Ignores a run that is over. */
  undoDelete(input: ActivityInput, now: Date): Promise<void>;
  /**
   * Ends the operation with its outcome, and gives its tenant slot to the operation that was queued longest.
   *
   * @returns the next action of the run, such as `delete` when a delete was requested while a provision ran.
   * @throws StoreError STORE_NOT_FOUND
   * @throws StoreError INVALID_STATE when another run is the current one, or the status does not allow the outcome.
   */
  end(input: EndOperationInput, now: Date, limits?: TenantSlotLimits): Promise<EndOperationResult>;
  /** Lists operations that no workflow run has taken up, in the order of store ids. */
  listUnstarted(query: UnstartedQuery): Promise<readonly UnstartedOperation[]>;
}
