import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { PROFILES } from './activity-profiles.ts';

const { startUnstarted } = proxyActivities<Pick<Activities, 'startUnstarted'>>(PROFILES.record);

/** A request answers within seconds; a record that is older and has no run was left by a process that died. */
const UNSTARTED_AFTER_SECONDS = 15;
/** Bounds memory and history: pages of this many, and no more pages in one run than the next run can take over from. */
const PAGE_SIZE = 100;
const MAX_PAGES = 100;

/** Starts what has a record and no run, page by page. Run by a Temporal Schedule, one run at a time. */
export async function reconcileStores(): Promise<{ started: number }> {
  let started = 0;
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result: Awaited<ReturnType<Activities['startUnstarted']>> = await startUnstarted({
      olderThanSeconds: UNSTARTED_AFTER_SECONDS,
      pageSize: PAGE_SIZE,
      after,
    });
    started += result.started;
    if (result.next === null) break;
    after = result.next;
  }
  return { started };
}
