import { makeContinueAsNewFunc, sleep } from '@temporalio/workflow';
import { activityInput, removals } from './operation/activities.ts';
import type { ExpireVolumesInput } from '../domain/operations/inputs.ts';

/** Days until the next attempt while removals are paused: one hour. */
const RETRY_DAYS = 1 / 24;

/**
 * Expires the volumes of a deleted store after `keepForDays` days. The delete starts it. Workflow id `volumes/<storeId>`.
 * Cancelling the run keeps the volumes without a limit. While removals are paused, it tries again every hour.
 *
 * @returns the expired volumes as `PersistentVolume/name`.
 */
export async function expireVolumes(input: ExpireVolumesInput): Promise<{ readonly released: readonly string[] }> {
  await sleep(input.keepForDays * 86_400_000);
  const { kept, isPaused } = await removals.expireVolumes(activityInput(input, 'delete'));
  if (isPaused) return makeContinueAsNewFunc<typeof expireVolumes>()({ ...input, keepForDays: RETRY_DAYS });
  return { released: kept };
}
