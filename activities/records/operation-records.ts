import type { OperationRecords } from '../../domain/ports/operation-records.ts';
import type {
  ActivityInput,
  EndHoldInput,
  EndOperationInput,
  HoldInput,
  RecordProgressInput,
} from '../../domain/operations/inputs.ts';
import type {
  BeginOutcome,
  EndHoldResult,
  EndOperationResult,
  HoldResult,
  RecordProgressResult,
  TenantSlotResult,
} from '../../domain/operations/outcomes.ts';

const A_DAY_SECONDS = 86_400;

/**
 * Creates the activities that write the progress of a run to the store's record. All are safe to repeat: a status
 * changes only from the one that the run expects, and every event has a dedupe key of run, step and phase.
 */
export function createRecordActivities(deps: {
  readonly stores: Omit<OperationRecords, 'listUnstarted'>;
  readonly now: () => Date;
  /** How long a held run waits for an operator. Default: one day. */
  readonly holdSeconds?: number;
  /** Provisions of a tenant that may run at once. Default: no limit. */
  readonly maxRunning?: number | undefined;
}) {
  const { holdSeconds = A_DAY_SECONDS } = deps;
  const limits = deps.maxRunning === undefined ? undefined : { maxRunning: deps.maxRunning };

  /**
   * Makes this run the operation of the store.
   *
   * @throws StoreError INVALID_STATE, STORE_NOT_FOUND; nothing has changed then.
   */
  async function beginOperation(input: ActivityInput): Promise<BeginOutcome> {
    return deps.stores.begin(input, deps.now(), limits);
  }

  /** Returns whether a queued provision has a tenant slot. Free slots go to the provisions that wait longest. */
  async function acquireTenantSlot(input: ActivityInput): Promise<TenantSlotResult> {
    return deps.stores.acquireTenantSlot(input, deps.now(), limits);
  }

  /** Writes the end of one step and the start of the next, or the failure of the operation. */
  async function recordProgress(input: RecordProgressInput): Promise<RecordProgressResult> {
    return deps.stores.recordProgress(input, deps.now());
  }

  /** Writes the outcome of the operation, so that the store can run the next one. */
  async function endOperation(input: EndOperationInput): Promise<EndOperationResult> {
    return deps.stores.end(input, deps.now(), limits);
  }

  /** Holds the store at the failed step. Returns the hold time, because a workflow can't read the configuration. */
  async function holdOperation(input: HoldInput): Promise<HoldResult> {
    const now = deps.now();
    const until = new Date(now.getTime() + holdSeconds * 1_000);
    return { holdSeconds, ...(await deps.stores.hold(input, until, now, limits)) };
  }

  /** Writes the decision about a held run, and the change of the overrides, if the decision has one. */
  async function endHold(input: EndHoldInput): Promise<EndHoldResult> {
    return deps.stores.endHold(input, deps.now(), limits);
  }

  /** Undoes a delete within its undelete window. */
  async function undoDelete(input: ActivityInput): Promise<void> {
    await deps.stores.undoDelete(input, deps.now());
  }

  return {
    beginOperation,
    acquireTenantSlot,
    recordProgress,
    holdOperation,
    endHold,
    undoDelete,
    endOperation,
  };
}
