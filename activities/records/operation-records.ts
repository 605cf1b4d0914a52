import type {
  ActivityInput,
  BeginOutcome,
  EndHoldInput,
  EndOperationInput,
  EndOperationResult,
  HoldInput,
  HoldResult,
  RecordProgressInput,
  TenantSlotLimits,
  TenantSlotResult,
} from '../../domain/operations/types.ts';

/** The verbs of `db/` that a run needs. */
export interface RunRecords {
  begin(input: ActivityInput, now: Date, bounds?: TenantSlotLimits): Promise<BeginOutcome>;
  acquireTenantSlot(input: ActivityInput, now: Date, bounds?: TenantSlotLimits): Promise<TenantSlotResult>;
  recordProgress(input: RecordProgressInput, now: Date): Promise<void>;
  hold(input: HoldInput, until: Date, now: Date): Promise<void>;
  endHold(input: EndHoldInput, now: Date): Promise<void>;
  undoDelete(input: ActivityInput, now: Date): Promise<void>;
  end(input: EndOperationInput, now: Date): Promise<EndOperationResult>;
}

const A_DAY_SECONDS = 86_400;

/**
 * Activities that write a run's progress to the store's record. All are safe to repeat: a status moves only from where
 * the run expects it, and every event carries a key made of run, step and phase.
 */
export function createRecordActivities(deps: {
  readonly stores: RunRecords;
  readonly now: () => Date;
  /** How long a held run waits for an operator; a day unless told. */
  readonly holdSeconds?: number;
  /** Provisions of a tenant that may run at once; any number unless told. */
  readonly maxRunning?: number | undefined;
}) {
  const { holdSeconds = A_DAY_SECONDS } = deps;
  const bounds = deps.maxRunning === undefined ? undefined : { maxRunning: deps.maxRunning };

  /** Makes this run the store's operation. @throws INVALID_STATE, STORE_NOT_FOUND: nothing has been done then. */
  async function beginOperation(input: ActivityInput): Promise<BeginOutcome> {
    return deps.stores.begin(input, deps.now(), bounds);
  }

  /** Gives a provision that waits its turn among those of its tenant, if there is room by now. */
  async function acquireTenantSlot(input: ActivityInput): Promise<TenantSlotResult> {
    return deps.stores.acquireTenantSlot(input, deps.now(), bounds);
  }

  /** Writes the end of one step and the start of the next, or why the operation fails. */
  async function recordProgress(input: RecordProgressInput): Promise<void> {
    await deps.stores.recordProgress(input, deps.now());
  }

  /** Writes how the operation ended and frees the store for the next. */
  async function endOperation(input: EndOperationInput): Promise<EndOperationResult> {
    return deps.stores.end(input, deps.now());
  }

  /** Parks the store at the step that failed, and tells how long: the environment is not a workflow's to read. */
  async function holdOperation(input: HoldInput): Promise<HoldResult> {
    const now = deps.now();
    await deps.stores.hold(input, new Date(now.getTime() + holdSeconds * 1_000), now);
    return { holdSeconds };
  }

  /** Writes what was decided about a held run, and the change of the spec that came with it. */
  async function endHold(input: EndHoldInput): Promise<void> {
    await deps.stores.endHold(input, deps.now());
  }

  /** Takes back the delete that waits in its undelete window. */
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
