import type { Activities } from '../../activities/index.ts';
import type { ReconcileInput, ReconcileResult } from '../../activities/reconcile/lost-runs.ts';
import { activitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';

const { startUnstarted } = activitiesWith<Pick<Activities, 'startUnstarted'>>(PROFILES.record);
const { restartLost } = activitiesWith<Pick<Activities, 'restartLost'>>(PROFILES.recordScan);

/** A create request starts its run within seconds. An older record without a run comes from a process that died. */
const UNSTARTED_AFTER_SECONDS = 15;
/** Most steps write to the record more often. For a slower step, the reconciler looks up its run in Temporal. */
const LOST_AFTER_SECONDS = 120;
/** These limits bound the memory and the history of a run. The next scheduled run handles the remaining records. */
const PAGE_SIZE = 100;
const MAX_PAGES = 100;

/**
 * Starts the operations that have a record but no run, then restarts the operations that lost their run, page by page. A
 * Temporal Schedule starts one run at a time.
 */
export async function reconcileStores(): Promise<{ started: number; restarted: number }> {
  const started = await pageThrough(startUnstarted, UNSTARTED_AFTER_SECONDS);
  const restarted = await pageThrough(restartLost, LOST_AFTER_SECONDS);
  return { started, restarted };
}

async function pageThrough(
  activity: (input: ReconcileInput) => Promise<ReconcileResult>,
  olderThanSeconds: number,
): Promise<number> {
  let started = 0;
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result: ReconcileResult = await activity({ olderThanSeconds, pageSize: PAGE_SIZE, after });
    started += result.started;
    if (result.next === null) break;
    after = result.next;
  }
  return started;
}
