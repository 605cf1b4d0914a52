import { sleep } from '@temporalio/workflow';
import { activityInput, removals } from './operation/activities.ts';
import type { ExpireVolumesInput } from '../domain/operations/inputs.ts';

/**
 * Expires the volumes of a deleted store after `keepForDays` days. The delete starts it. Workflow id `volumes/<storeId>`.
 * Cancelling the run keeps the volumes without a limit.
 *
 * @returns the expired volumes as `PersistentVolume/name`.
 */
export async function expireVolumes(input: ExpireVolumesInput): Promise<{ readonly released: readonly string[] }> {
  await sleep(input.keepForDays * 86_400_000);
  const { kept } = await removals.expireVolumes(activityInput(input, 'delete'));
  return { released: kept };
}
