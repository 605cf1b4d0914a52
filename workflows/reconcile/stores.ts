import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { ReconcileInput, ReconcileResult } from '../../activities/reconcile/lost-runs.ts';
import { PROFILES } from '../activity-profiles.ts';

const { startUnstarted } = proxyActivities<Pick<Activities, 'startUnstarted'>>(PROFILES.record);
const { restartLost } = proxyActivities<Pick<Activities, 'restartLost'>>(PROFILES.recordScan);

/** A request answers within seconds; a record that is older and has no run was left by a process that died. */
const UNSTARTED_AFTER_SECONDS = 15;
/** Most steps write to the record more often; one that does not costs a look at its run. */
const LOST_AFTER_SECONDS = 120;
/** Bounds memory and history: pages of this many, and no more pages in one run than the next run can take over from. */
const PAGE_SIZE = 100;
const MAX_PAGES = 100;

/**
 * Starts what has a record and no run, then what had a run and lost it, page by page. Run by a Temporal Schedule, one run
 * at a time.
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
