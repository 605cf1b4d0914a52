import { log } from '@temporalio/activity';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';
import type { OperationKind } from '../../domain/operations/catalogue.ts';

/** A store whose record asks for an operation that no run has begun. */
export interface UnstartedOperation {
  readonly store: StoreTarget;
  readonly correlationId: string;
  readonly kind: OperationKind;
}

/** A store whose record says that a run is at work on it. */
export interface RunningOperation extends UnstartedOperation {
  readonly runId: string;
  readonly isCancelRequested: boolean;
}

export interface PageQuery {
  readonly olderThan: Date;
  readonly limit: number;
  /** Store id to go on after. */
  readonly after?: string;
}

export interface ReconcileInput {
  /** Younger records are left to whoever is still at work on them. */
  readonly olderThanSeconds: number;
  readonly pageSize: number;
  readonly after: string | null;
}

export interface ReconcileResult {
  readonly started: number;
  /** Store id to go on after, or null when there are no more. */
  readonly next: string | null;
}

/** Answers of Temporal that are waited for at once. */
const AT_ONCE = 10;

/** Activities of the reconciler. Safe to repeat: Temporal allows one open run per store. */
export function createLostRunActivities(deps: {
  readonly listUnstarted: (query: PageQuery) => Promise<readonly UnstartedOperation[]>;
  /** Operations that a run has taken up and that have written nothing for long. */
  readonly listRunning: (query: PageQuery) => Promise<readonly RunningOperation[]>;
  /** Whether that very run is still the store's running operation, by its record. */
  readonly isStillRunning: (operation: RunningOperation) => Promise<boolean>;
  readonly operations: StoreOperations;
  readonly now: () => Date;
}) {
  const { operations } = deps;

  function queryOf(input: ReconcileInput): PageQuery {
    return {
      olderThan: new Date(deps.now().getTime() - input.olderThanSeconds * 1000),
      limit: input.pageSize,
      ...(input.after === null ? {} : { after: input.after }),
    };
  }

  /** Starts one page of what was accepted and never started: the API died, or Temporal was away. */
  async function startUnstarted(input: ReconcileInput): Promise<ReconcileResult> {
    const page = await deps.listUnstarted(queryOf(input));
    let started = 0;
    for (const { store, correlationId, kind } of page) {
      // A pending provision may be the first or a retry; `retry` starts both.
      const outcome = await operations.start(kind === 'provision' ? 'retry' : kind, { store, correlationId });
      // A provision that still runs hands over to the delete by itself once it is cancelled.
      if (outcome.kind === 'alreadyStarted' && kind === 'delete') await operations.cancel(store.storeId);
      if (outcome.kind === 'started') {
        started += 1;
        log.warn('started an operation that had a record and no run', { storeId: store.storeId, kind, correlationId });
      }
    }
    return { started, next: nextAfter(page, input) };
  }

  /**
   * Starts again, one page of them, the operations whose run is gone: terminated by an operator, or lost with Temporal's
   * data. The new run takes the operation over where it is: a provision does its steps once more, each of which finds what
   * is there, and ends ready or undone; a delete goes on deleting. Only declaring it failed would leave its objects behind.
   */
  async function restartLost(input: ReconcileInput): Promise<ReconcileResult> {
    const page = await deps.listRunning(queryOf(input));
    let started = 0;
    for (let from = 0; from < page.length; from += AT_ONCE) {
      const restarted = await Promise.all(
        page.slice(from, from + AT_ONCE).map((operation) => restart(operation, input)),
      );
      started += restarted.filter(Boolean).length;
    }
    return { started, next: nextAfter(page, input) };
  }

  async function restart(operation: RunningOperation, { olderThanSeconds }: ReconcileInput): Promise<boolean> {
    const { store, correlationId, kind } = operation;
    const run = await operations.observe(store.storeId);
    if (run.kind === 'open') return false;
    // A run that ends at once, again and again, is started again at this pace and no quicker.
    if (run.kind === 'closed' && !isOlder(run.at, olderThanSeconds)) return false;
    // A run writes how it ended before it closes: what the record says after the look at the run is the truth.
    if (!(await deps.isStillRunning(operation))) return false;
    const outcome = await operations.start(kind === 'provision' ? 'retry' : kind, { store, correlationId });
    if (outcome.kind !== 'started') return false;
    log.warn('started an operation again whose run was lost', { storeId: store.storeId, kind, correlationId });
    // The lost run took the wish to cancel with it.
    if (operation.isCancelRequested) await operations.cancel(store.storeId);
    return true;
  }

  function isOlder(instant: Date | null, seconds: number): boolean {
    return instant === null || deps.now().getTime() - instant.getTime() >= seconds * 1000;
  }

  return { startUnstarted, restartLost };
}

function nextAfter(page: readonly UnstartedOperation[], { pageSize }: ReconcileInput): string | null {
  return page.length < pageSize ? null : (page.at(-1)?.store.storeId ?? null);
}
