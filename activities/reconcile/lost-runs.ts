import { log } from '@temporalio/activity';
import { StoreError, type FailureCode } from '../../domain/failure.ts';
import type { ConditionRecords } from '../../domain/ports/condition-records.ts';
import type { OperationRecords, UnstartedOperation } from '../../domain/ports/operation-records.ts';
import type { ReconcileRecords, RunningOperation, RunningQuery } from '../../domain/ports/reconcile-records.ts';
import type { RunProgressReader } from '../../domain/ports/run-progress.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';
import { isRestartDue, restartsAfter } from './restart-backoff.ts';
import { closingBecause, stalledBecause, type StallCause } from './stalled-run.ts';

export interface ReconcileInput {
  /** Minimum age of a record. Younger ones may still be in progress. */
  readonly olderThanSeconds: number;
  readonly pageSize: number;
  readonly after: string | null;
  /**
   * Clusters in which deletes may start, because each of them has said that removals are not paused. In a restored database,
   * a delete may be one that was undone afterwards.
   */
  readonly deletesIn: readonly string[];
}

export interface RestartInput extends ReconcileInput {
  readonly scope: RunningQuery['scope'];
}

export interface ReconcileResult {
  readonly started: number;
  /** Id of the last store of this page; null for the last page. */
  readonly next: string | null;
  /** Clusters of deletes that did not start, because `deletesIn` does not have them. */
  readonly heldDeletesIn: readonly string[];
}

/** Returns whether the reconciler may start an operation. */
type StartGate = (operation: Pick<UnstartedOperation, 'kind' | 'store'>) => boolean;

/** Age of a record from which the history of its open run is read. Most steps write to the record more often. */
const PROGRESS_CHECK_AFTER_MS = 10 * 60_000;
const PROGRESSING: StallCause = { reason: 'RunProgressing', message: 'the run of the operation makes progress again' };

/** Runs that are observed in parallel. */
const PARALLEL_RUNS = 10;

/** Creates the activities that start missing runs. Safe to repeat: Temporal allows one open run per store. */
export function createLostRunActivities(deps: {
  readonly unstarted: Pick<OperationRecords, 'listUnstarted'>;
  readonly running: Pick<ReconcileRecords, 'listRunning' | 'isStillRunning' | 'recordRestart'>;
  readonly operations: StoreOperations;
  readonly progress: RunProgressReader;
  readonly conditions: ConditionRecords;
  readonly now: () => Date;
}) {
  const { operations } = deps;

  function queryOf(input: ReconcileInput) {
    const now = deps.now();
    return {
      now,
      olderThan: new Date(now.getTime() - input.olderThanSeconds * 1000),
      limit: input.pageSize,
      ...(input.after === null ? {} : { after: input.after }),
    };
  }

  /**
   * Starts one page of operations that were accepted but not started: the API was killed, or Temporal was unavailable.
   */
  async function startUnstarted(input: ReconcileInput): Promise<ReconcileResult> {
    const page = await deps.unstarted.listUnstarted(queryOf(input));
    const { mayStart, heldDeletesIn } = startGate(input);
    let started = 0;
    for (const operation of page)
      if (await unlessRejected(operation, () => startOne(operation, mayStart))) started += 1;
    return { started, next: nextAfter(page, input), heldDeletesIn: [...heldDeletesIn] };
  }

  async function startOne({ store, correlationId, kind }: UnstartedOperation, mayStart: StartGate): Promise<boolean> {
    if (!mayStart({ kind, store })) return false;
    const outcome = await operations.start(kind, { store, correlationId });
    // A running provision continues as the delete once it is cancelled.
    if (outcome.kind === 'alreadyStarted' && kind === 'delete') await operations.cancel(store.storeId);
    if (outcome.kind !== 'started') return false;
    log.warn('started an operation that had a record but no run', { storeId: store.storeId, kind, correlationId });
    return true;
  }

  /**
   * Restarts one page of operations whose run is gone: terminated by an operator, or lost with Temporal's data. The new
   * run adopts the operation. A provision repeats its steps, which find the existing objects, and ends ready or undone.
   * A delete continues. Marking the operation as failed would leave its objects behind. An open run receives the requests
   * of its record again.
   */
  async function restartLost(input: RestartInput): Promise<ReconcileResult> {
    const page = await deps.running.listRunning({ ...queryOf(input), scope: input.scope });
    const { mayStart, heldDeletesIn } = startGate(input);
    let started = 0;
    for (let from = 0; from < page.length; from += PARALLEL_RUNS) {
      const restarted = await Promise.all(
        page
          .slice(from, from + PARALLEL_RUNS)
          .map((operation) => unlessRejected(operation, () => restart(operation, input, mayStart))),
      );
      started += restarted.filter(Boolean).length;
    }
    return { started, next: nextAfter(page, input), heldDeletesIn: [...heldDeletesIn] };
  }

  async function restart(
    operation: RunningOperation,
    { olderThanSeconds, scope }: RestartInput,
    mayStart: StartGate,
  ): Promise<boolean> {
    const { store, correlationId, kind } = operation;
    const run = await operations.observe(store.storeId);
    if (run.kind === 'open') {
      await deliverRequests(operation);
      await checkProgress(operation, scope);
      return false;
    }
    const closedAt = run.kind === 'closed' ? run.at : null;
    if (!isRestartDue({ ...operation, closedAt }, { now: deps.now(), minDelaySeconds: olderThanSeconds })) return false;
    // A run records its outcome before it closes, so the record must be read after the run.
    if (!(await deps.running.isStillRunning(operation))) return false;
    if (!mayStart({ kind, store })) return false;
    const restarts = restartsAfter({ ...operation, closedAt });
    await deps.running.recordRestart({ operation, restarts, now: deps.now() });
    await reportStalled(operation, closingBecause(restarts));
    const outcome = await operations.start(kind, { store, correlationId });
    if (outcome.kind !== 'started') return false;
    log.warn('restarted an operation whose run was lost', { storeId: store.storeId, kind, correlationId, restarts });
    // The cancel request was lost with the run.
    if (operation.isCancelRequested) await operations.cancel(store.storeId);
    return true;
  }

  /** Compares the open run with the time that its steps may take. Sets or clears the condition `Stalled` of the store. */
  async function checkProgress(operation: RunningOperation, scope: RunningQuery['scope']): Promise<void> {
    const idleMs = deps.now().getTime() - operation.updatedAt.getTime();
    if (!operation.isStalled && idleMs < PROGRESS_CHECK_AFTER_MS) return;
    const progress = await deps.progress.progressOf(operation.store.storeId);
    if (progress === null) return;
    const cause = stalledBecause(progress, { now: deps.now(), isWaiting: scope === 'waiting' });
    if (cause !== null) return reportStalled(operation, cause);
    if (operation.isStalled) await setStalled(operation, 'False', PROGRESSING);
  }

  async function reportStalled(operation: RunningOperation, cause: StallCause | null): Promise<void> {
    if (cause === null || !(await setStalled(operation, 'True', cause))) return;
    const { store, kind, correlationId } = operation;
    log.warn('the run of an operation has stalled', { storeId: store.storeId, kind, correlationId, ...cause });
  }

  function setStalled(
    { store, runId }: RunningOperation,
    status: 'True' | 'False',
    cause: StallCause,
  ): Promise<boolean> {
    const condition = { type: 'Stalled', status, ...cause } as const;
    return deps.conditions.setCondition({ storeId: store.storeId, runId, condition }, deps.now());
  }

  /** Sends what the record says to the open run again: the sender can have died before it sent it. */
  async function deliverRequests(operation: RunningOperation): Promise<void> {
    const { store, isCancelRequested, isUndeleteRequested, isSlotUnconfirmed } = operation;
    if (isCancelRequested) await operations.cancel(store.storeId);
    if (isUndeleteRequested) await operations.signal(store.storeId, { action: 'undelete' });
    if (isSlotUnconfirmed) await operations.signalTenantSlot(store.storeId);
  }

  return { startUnstarted, restartLost };
}

/** Returns the function that decides for one page, and the clusters of the deletes that it has not let start. */
function startGate({ deletesIn }: ReconcileInput): {
  readonly mayStart: StartGate;
  readonly heldDeletesIn: Set<string>;
} {
  const heldDeletesIn = new Set<string>();
  const mayStart: StartGate = ({ kind, store: { cluster } }) => {
    if (kind !== 'delete' || deletesIn.includes(cluster)) return true;
    heldDeletesIn.add(cluster);
    return false;
  };
  return { mayStart, heldDeletesIn };
}

/** Failures that every record of a page would meet: the page ends, and Temporal retries the activity. */
const UNAVAILABLE: ReadonlySet<FailureCode> = new Set(['ORCHESTRATOR_UNAVAILABLE', 'DATABASE_UNAVAILABLE']);

/**
 * Returns the result of `start`, or false when it fails for a reason of this record, which is logged: the records behind it
 * must start too.
 */
async function unlessRejected(operation: UnstartedOperation, start: () => Promise<boolean>): Promise<boolean> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof StoreError && UNAVAILABLE.has(error.code)) throw error;
    const { store, kind, correlationId } = operation;
    const reason = error instanceof Error ? error.message : String(error);
    log.error('the run of an operation could not start', { storeId: store.storeId, kind, correlationId, reason });
    return false;
  }
}

function nextAfter(page: readonly UnstartedOperation[], { pageSize }: ReconcileInput): string | null {
  return page.length < pageSize ? null : (page.at(-1)?.store.storeId ?? null);
}
