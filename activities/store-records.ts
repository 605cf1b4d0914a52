import type {
  ActivityInput,
  BeginOutcome,
  EndOperationInput,
  EndOperationResult,
  RecordProgressInput,
} from '../domain/operations.ts';

/** The verbs of `db/` that a run needs. */
export interface RunRecords {
  begin(input: ActivityInput, now: Date): Promise<BeginOutcome>;
  recordProgress(input: RecordProgressInput, now: Date): Promise<void>;
  end(input: EndOperationInput, now: Date): Promise<EndOperationResult>;
}

/**
 * Activities that write a run's progress to the store's record. All are safe to repeat: a status moves only from where
 * the run expects it, and every event carries a key made of run, step and phase.
 */
export function createRecordActivities(deps: { readonly stores: RunRecords; readonly now: () => Date }) {
  /** Makes this run the store's operation. @throws ILLEGAL_MOVE, STORE_NOT_FOUND: nothing has been done then. */
  async function beginOperation(input: ActivityInput): Promise<BeginOutcome> {
    return deps.stores.begin(input, deps.now());
  }

  /** Writes the end of one step and the start of the next, or why the operation fails. */
  async function recordProgress(input: RecordProgressInput): Promise<void> {
    await deps.stores.recordProgress(input, deps.now());
  }

  /** Writes how the operation ended and frees the store for the next. */
  async function endOperation(input: EndOperationInput): Promise<EndOperationResult> {
    return deps.stores.end(input, deps.now());
  }

  return { beginOperation, recordProgress, endOperation };
}
