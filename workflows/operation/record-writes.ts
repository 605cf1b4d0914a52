import { ApplicationFailure, isCancellation, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { activitiesWith } from '../activities-with.ts';
import { LOCAL_ACTIVITY, PROFILES } from '../activity-profiles.ts';

type RecordWrites = Pick<Activities, 'beginOperation' | 'recordProgress' | 'endOperation'>;

const durableWrites = activitiesWith<
  RecordWrites & Pick<Activities, 'acquireTenantSlot' | 'holdOperation' | 'endHold' | 'undoDelete'>
>(PROFILES.record);
const localWrites = proxyLocalActivities<RecordWrites>(LOCAL_ACTIVITY);

/** The activities that write records, each with its profile. The writes of every step run as local activities first. */
export const records = {
  beginOperation: localFirst(localWrites.beginOperation, durableWrites.beginOperation),
  recordProgress: localFirst(localWrites.recordProgress, durableWrites.recordProgress),
  endOperation: localFirst(localWrites.endOperation, durableWrites.endOperation),
  acquireTenantSlot: durableWrites.acquireTenantSlot,
  holdOperation: durableWrites.holdOperation,
  endHold: durableWrites.endHold,
  undoDelete: durableWrites.undoDelete,
};

/**
 * Returns a write that runs as a local activity, within the current workflow task: this saves a task, a round trip and three
 * events. A local attempt delays the workflow task, so there is only one. When it fails, a regular activity retries the write.
 */
function localFirst<I, O>(
  local: (input: I) => Promise<O>,
  durable: (input: I) => Promise<O>,
): (input: I) => Promise<O> {
  return async (input) => {
    try {
      return await local(input);
    } catch (error) {
      if (isCancellation(error) || isFinal(error)) throw error;
      return durable(input);
    }
  };
}

/** A local activity fails with the error that it threw, without an ActivityFailure around it. */
function isFinal(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.nonRetryable === true;
}
