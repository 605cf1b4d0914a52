import { ApplicationFailure, isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { LOCAL_ACTIVITY, PROFILES } from '../activity-profiles.ts';

type RecordWrites = Pick<Activities, 'beginOperation' | 'recordProgress' | 'endOperation'>;

const durableWrites = proxyActivities<
  RecordWrites & Pick<Activities, 'acquireTenantSlot' | 'holdOperation' | 'endHold' | 'undoDelete'>
>(PROFILES.record);
const localWrites = proxyLocalActivities<RecordWrites>(LOCAL_ACTIVITY);

/** The activities of every operation, each under its profile; the record writes of every step where they cost least. */
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
 * A write within the workflow task that is at hand anyway: no task of its own, no round trip, three events fewer. Its
 * one attempt holds the workflow task up, so a database that does not answer is left to the activity that can wait.
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

/** A local activity fails with what it threw, not with an ActivityFailure around it. */
function isFinal(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.nonRetryable === true;
}
