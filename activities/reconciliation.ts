import { log } from '@temporalio/activity';
import type { StoreTarget } from '../domain/operations.ts';
import type { OperationKind } from '../domain/store-state.ts';
import type { StoreOperations } from '../temporal/store-operations.ts';

/** A store whose record asks for an operation that no run has begun. */
export interface UnstartedOperation {
  readonly store: StoreTarget;
  readonly correlationId: string;
  readonly kind: OperationKind;
}

export interface UnstartedQuery {
  readonly olderThan: Date;
  readonly limit: number;
  /** Store id to go on after. */
  readonly after?: string;
}

export interface StartUnstartedInput {
  /** Younger records are left to the request that is still making them. */
  readonly olderThanSeconds: number;
  readonly pageSize: number;
  readonly after: string | null;
}

export interface StartUnstartedResult {
  readonly started: number;
  /** Store id to go on after, or null when there are no more. */
  readonly next: string | null;
}

/** Activities of the reconciler. Safe to repeat: Temporal allows one open run per store. */
export function createReconciliationActivities(deps: {
  readonly listUnstarted: (query: UnstartedQuery) => Promise<readonly UnstartedOperation[]>;
  readonly operations: StoreOperations;
  readonly now: () => Date;
}) {
  /** Starts one page of what was accepted and never started: the API died, or Temporal was away. */
  async function startUnstarted(input: StartUnstartedInput): Promise<StartUnstartedResult> {
    const page = await deps.listUnstarted({
      olderThan: new Date(deps.now().getTime() - input.olderThanSeconds * 1000),
      limit: input.pageSize,
      ...(input.after === null ? {} : { after: input.after }),
    });
    let started = 0;
    for (const { store, correlationId, kind } of page) {
      // A pending provision may be the first or a retry; `retry` starts both and still refuses what has succeeded.
      const outcome = await deps.operations.start(kind === 'provision' ? 'retry' : kind, { store, correlationId });
      // A provision that still runs hands over to the delete by itself once it is cancelled.
      if (outcome.kind === 'alreadyStarted' && kind === 'delete') await deps.operations.cancel(store.storeId);
      if (outcome.kind === 'started') {
        started += 1;
        log.warn('started an operation that had a record and no run', { storeId: store.storeId, kind, correlationId });
      }
    }
    return { started, next: page.length < input.pageSize ? null : (page.at(-1)?.store.storeId ?? null) };
  }

  return { startUnstarted };
}
