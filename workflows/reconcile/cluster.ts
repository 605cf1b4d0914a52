import { makeContinueAsNewFunc } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { OrphanSource } from '../../activities/reconcile/orphan-search.ts';
import { activitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';

const { findOrphans, settleOrphans, inspectStores } = activitiesWith<
  Pick<Activities, 'findOrphans' | 'settleOrphans' | 'inspectStores'>
>(PROFILES.reconcile);

const SOURCES = ['namespaces', 'volumes', 'secrets', 'release-records'] as const satisfies readonly OrphanSource[];
/** Objects per list request. It limits the size of a response of the API server. */
const OBJECTS_A_PAGE = 250;
const STORES_A_PAGE = 100;
/** Pages per run, about six events each. Then the pass continues as a new run with an empty history. */
const PAGES_A_RUN = 50;

/** Position and totals of a pass. Every run of the pass receives them. */
export interface ClusterPass {
  /** Start of the pass, in RFC 3339. An orphan that was last seen before it no longer exists. */
  readonly began: string;
  /** Index into the sources of orphans. After the last source, the pass inspects the stores. */
  readonly source: number;
  /** Continue token of the next page of the source. */
  readonly after: string | null;
  readonly orphans: number;
  readonly cleanupsStarted: number;
  readonly removed: number;
  /** Orphans that are due but were not removed, because more of them are due than one pass may remove. */
  readonly heldBack: number;
  /** Stores that this pass inspected: all of them, or those that the pass before it did not reach. */
  readonly inspected: number;
  readonly drifted: number;
}

/**
 * Makes one pass over the whole cluster, page by page. It lists the objects that no store owns (orphans), removes the orphans
 * that are due, and then compares the ready stores with their installed releases, at a limited rate and from the store at which
 * the last pass stopped. A Temporal Schedule starts one pass at a time.
 */
export async function reconcileCluster(from?: ClusterPass): Promise<ClusterPass> {
  let pass: ClusterPass = from ?? newPass(new Date().toISOString());
  for (let page = 0; page < PAGES_A_RUN; page += 1) {
    const source = SOURCES[pass.source];
    if (source === undefined) {
      const seen = await inspectStores({ pageSize: STORES_A_PAGE });
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

async function searchPage(pass: ClusterPass, source: OrphanSource): Promise<ClusterPass> {
  const { found, cleanupsStarted, next } = await findOrphans({
    source,
    pageSize: OBJECTS_A_PAGE,
    after: pass.after,
    cleanupsStarted: pass.cleanupsStarted,
  });
  const seen = { ...pass, after: next, orphans: pass.orphans + found, cleanupsStarted };
  if (next !== null) return seen;
  const isLast = pass.source === SOURCES.length - 1;
  // Only a complete search shows which objects are no longer orphans and how many orphans there are.
  const { removed, heldBack } = isLast ? await settleOrphans({ passBegan: pass.began }) : { removed: 0, heldBack: 0 };
  return { ...seen, source: pass.source + 1, removed, heldBack };
}

function newPass(began: string): ClusterPass {
  return {
    began,
    source: 0,
    after: null,
    orphans: 0,
    cleanupsStarted: 0,
    removed: 0,
    heldBack: 0,
    inspected: 0,
    drifted: 0,
  };
}
