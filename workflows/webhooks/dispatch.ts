import { makeContinueAsNewFunc } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { activitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';
import { movesToCurrentVersion } from '../versioning.ts';

const { dispatchDeliveries } = activitiesWith<Pick<Activities, 'dispatchDeliveries'>>(PROFILES.webhookDispatch);

/** Milliseconds of one activity. A shutdown of its worker ends it at once. */
const ACTIVITY_MS = 60_000;
/** Activities per run, about six events each. Then the dispatcher continues as a new run with an empty history. */
const ACTIVITIES_A_RUN = 60;

/**
 * Starts the runs of deliveries as they are written. One run is open per installation; a Temporal Schedule starts it when none
 * is. The position is in the records: a delivery without a run is not started yet.
 */
export async function dispatchWebhooks(): Promise<void> {
  for (let count = 0; count < ACTIVITIES_A_RUN; count += 1) await dispatchDeliveries({ forMs: ACTIVITY_MS });
  return makeContinueAsNewFunc<typeof dispatchWebhooks>()();
}
movesToCurrentVersion(dispatchWebhooks);
