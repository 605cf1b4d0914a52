import { log, makeContinueAsNewFunc } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { ReconcileResult } from '../../activities/reconcile/lost-runs.ts';
import { activitiesWith, clusterActivitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';
import { staysOnItsVersion } from '../versioning.ts';

const { startUnstarted } = activitiesWith<Pick<Activities, 'startUnstarted'>>(PROFILES.record);
const { restartLost } = activitiesWith<Pick<Activities, 'restartLost'>>(PROFILES.recordScan);
const { checkRemovals } = clusterActivitiesWith<Pick<Activities, 'checkRemovals'>>(PROFILES.removalsCheck);

/** A create request starts its run within seconds. An older record without a run comes from a process that died. */
const UNSTARTED_AFTER_SECONDS = 15;
/** Most steps write to the record more often. For a slower step, the reconciler looks up its run in Temporal. */
const LOST_AFTER_SECONDS = 120;
const PAGE_SIZE = 100;
/**
 * Pages per run, about six events each. Then the pass continues as a new run with an empty history. While Temporal is slow, a
 * page takes up to 20 s: the run must end before its timeout of 10 minutes, because a pass that times out starts again.
 */
const PAGES_A_RUN = 20;

/** Position and totals of a pass. Every run of the pass receives them. */
export interface StoresPass {
  /** Which operations to look up: those that must report progress, or those that wait for a known reason. */
  readonly scope: 'active' | 'waiting';
  /** `unstarted`: operations without a run. `lost`: operations whose run is gone. */
  readonly phase: 'unstarted' | 'lost';
  readonly after: string | null;
  readonly started: number;
  readonly restarted: number;
}

/**
 * Makes one pass over all open operations, page by page. It starts the operations that have a record but no run, then
 * restarts the operations that lost their run. It touches no cluster, except that a cluster decides whether its deletes may
 * start: while one is away, only its deletes wait. A Temporal Schedule starts one pass at a time, and another one starts hourly
 * passes over the operations that wait.
 */
export async function reconcileStores(from: Partial<StoresPass> = {}): Promise<StoresPass> {
  let pass: StoresPass = { scope: 'active', phase: 'unstarted', after: null, started: 0, restarted: 0, ...from };
  const refusing = new Set<string>();
  for (let page = 0; page < PAGES_A_RUN; page += 1) {
    const { started, next } = await reconcilePage(pass, refusing);
    pass =
      pass.phase === 'unstarted'
        ? { ...pass, after: next, started: pass.started + started }
        : { ...pass, after: next, restarted: pass.restarted + started };
    if (next === null && pass.phase === 'lost') return pass;
    if (next === null) pass = { ...pass, phase: 'lost' };
  }
  return makeContinueAsNewFunc<typeof reconcileStores>()(pass);
}
staysOnItsVersion(reconcileStores);

/**
 * Starts the runs of one page. When deletes were held, asks their clusters, and repeats the page for those that allow them.
 *
 * @param refusing Clusters that the run does not ask again: they have refused, or have not answered.
 */
async function reconcilePage(pass: StoresPass, refusing: Set<string>): Promise<ReconcileResult> {
  const result = await startPage(pass, []);
  const asked = result.heldDeletesIn.filter((cluster) => !refusing.has(cluster));
  const answers = await Promise.all(asked.map(async (cluster) => ({ cluster, mayDelete: await mayDeleteIn(cluster) })));
  for (const { cluster, mayDelete } of answers) if (!mayDelete) refusing.add(cluster);
  const deletesIn = answers.filter(({ mayDelete }) => mayDelete).map(({ cluster }) => cluster);
  if (deletesIn.length === 0) return result;
  const repeated = await startPage(pass, deletesIn);
  return { ...repeated, started: result.started + repeated.started };
}

function startPage({ scope, phase, after }: StoresPass, deletesIn: readonly string[]): Promise<ReconcileResult> {
  const page = { pageSize: PAGE_SIZE, after, deletesIn };
  return phase === 'unstarted'
    ? startUnstarted({ ...page, olderThanSeconds: UNSTARTED_AFTER_SECONDS })
    : restartLost({ ...page, olderThanSeconds: LOST_AFTER_SECONDS, scope });
}

async function mayDeleteIn(cluster: string): Promise<boolean> {
  try {
    return !(await checkRemovals({ cluster })).arePaused;
  } catch (error) {
    log.warn('a cluster does not say whether its deletes may start; the next pass asks again', { cluster, error });
    return false;
  }
}
