import { log, makeContinueAsNewFunc } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { OrphanSource } from '../../activities/reconcile/orphan-search.ts';
import { activitiesWith, clusterActivitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';
import { staysOnItsVersion } from '../versioning.ts';

const { findOrphans, settleOrphans, inspectStores } = clusterActivitiesWith<
  Pick<Activities, 'findOrphans' | 'settleOrphans' | 'inspectStores'>
>(PROFILES.reconcile);

const { releaseExpiredVolumes } = clusterActivitiesWith<Pick<Activities, 'releaseExpiredVolumes'>>(
  PROFILES.volumeRelease,
);
const { eraseRecords } = activitiesWith<Pick<Activities, 'eraseRecords'>>(PROFILES.retention);

const SOURCES = ['namespaces', 'volumes', 'secrets', 'release-records'] as const satisfies readonly OrphanSource[];

/** Rows per statement. Each takes some milliseconds. */
const ERASE_BATCH = { maxStores: 100, maxEvents: 1_000 } as const;
/** Batches of records that a pass erases. A pass follows within minutes. */
const BATCHES_A_PASS = 20;
/** Position of a pass that releases kept volumes. */
const KEPT_VOLUMES = SOURCES.length;
/** Objects per list request. It limits the size of a response of the API server. */
const OBJECTS_A_PAGE = 250;
const STORES_A_PAGE = 100;
/** Pages per run, about six events each. Then the pass continues as a new run with an empty history. */
const PAGES_A_RUN = 50;

/** Position and totals of a pass. Every run of the pass receives them. */
export interface ClusterPass {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Start of the pass, in RFC 3339. An orphan that was last seen before it no longer exists. */
  readonly began: string;
  /** Index into the sources of orphans. After the last source, the pass releases kept volumes and inspects the stores. */
  readonly source: number;
  /** Continue token of the next page of the source. */
  readonly after: string | null;
  readonly orphans: number;
  readonly cleanupsStarted: number;
  readonly removed: number;
  /** Orphans that are due but were not removed, because more of them are due than one pass may remove. */
  readonly heldBack: number;
  /** Kept volumes whose time is over and that the pass released. */
  readonly volumesReleased: number;
  /** Stores that this pass inspected: all of them, or those that the pass before it did not reach. */
  readonly inspected: number;
  readonly drifted: number;
}

/**
 * Makes one pass over a whole cluster, page by page. It lists the objects that no store owns (orphans), removes the orphans
 * that are due, releases the kept volumes whose time is over, and then compares the ready stores with their installed releases,
 * at a limited rate and from the store at which the last pass stopped. A Temporal Schedule of the cluster starts one
 * pass at a time.
 */
export async function reconcileCluster(from: Pick<ClusterPass, 'cluster'> | ClusterPass): Promise<ClusterPass> {
  let pass: ClusterPass = 'began' in from ? from : newPass(from.cluster, new Date().toISOString());
  for (let page = 0; page < PAGES_A_RUN; page += 1) {
    const source = SOURCES[pass.source];
    if (pass.source === KEPT_VOLUMES) {
      pass = await releasePage(pass);
    } else if (source === undefined) {
      const seen = await inspectStores({ cluster: pass.cluster, pageSize: STORES_A_PAGE });
      pass = {
        ...pass,
        inspected: pass.inspected + seen.inspected,
        drifted: pass.drifted + seen.drifted,
      };
      if (seen.isLastPage) return pass;
    } else {
      pass = await searchPage(pass, source);
    }
  }
  return makeContinueAsNewFunc<typeof reconcileCluster>()(pass);
}
staysOnItsVersion(reconcileCluster);

async function searchPage(pass: ClusterPass, source: OrphanSource): Promise<ClusterPass> {
  const { found, cleanupsStarted, next } = await findOrphans({
    cluster: pass.cluster,
    source,
    pageSize: OBJECTS_A_PAGE,
    after: pass.after,
    cleanupsStarted: pass.cleanupsStarted,
    passBegan: pass.began,
  });
  const seen = { ...pass, after: next, orphans: pass.orphans + found, cleanupsStarted };
  if (next !== null) return seen;
  const isLast = pass.source === SOURCES.length - 1;
  // Only a complete search shows which objects are no longer orphans and how many orphans there are.
  const { removed, heldBack } = isLast
    ? await settleOrphans({ cluster: pass.cluster, passBegan: pass.began })
    : { removed: 0, heldBack: 0 };
  return { ...seen, source: pass.source + 1, removed, heldBack };
}

async function releasePage(pass: ClusterPass): Promise<ClusterPass> {
  const { released, next } = await releaseExpiredVolumes({
    cluster: pass.cluster,
    pageSize: OBJECTS_A_PAGE,
    after: pass.after,
    passBegan: pass.began,
  });
  const source = next === null ? pass.source + 1 : pass.source;
  // The list of orphans is complete now. It says which records are still needed.
  if (next === null) await eraseExpiredRecords(pass.cluster);
  return { ...pass, source, after: next, volumesReleased: pass.volumesReleased + released };
}

/** A failure must not stop the pass: the records are erased later. */
async function eraseExpiredRecords(cluster: string): Promise<void> {
  try {
    for (let batch = 0; batch < BATCHES_A_PASS; batch += 1) {
      if (!(await eraseRecords({ cluster, ...ERASE_BATCH })).hasMore) return;
    }
  } catch (error) {
    log.warn('the pass could not erase the records whose retention is over', { error });
  }
}

function newPass(cluster: string, began: string): ClusterPass {
  return {
    cluster,
    began,
    source: 0,
    after: null,
    orphans: 0,
    cleanupsStarted: 0,
    removed: 0,
    heldBack: 0,
    volumesReleased: 0,
    inspected: 0,
    drifted: 0,
  };
}
