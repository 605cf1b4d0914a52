import { sleep } from '@temporalio/workflow';
import { activityInput, removals } from './operation/activities.ts';
import type { ExpireVolumesInput } from '../domain/operations/inputs.ts';

/**
 * Lets the volumes of a deleted store go when the days are over that its policy keeps them for. Workflow id
 * `volumes/<storeId>`, started by the delete. Cancelling it keeps the volumes for ever.
 */
export async function expireVolumes(input: ExpireVolumesInput): Promise<{ readonly released: readonly string[] }> {
  await sleep(input.keepForDays * 86_400_000);
  const { kept } = await removals.expireVolumes(activityInput(input, 'delete'));
  return { released: kept };
}
