import { makeContinueAsNewFunc, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { OrphanSource } from '../../activities/reconcile/orphan-search.ts';
import { PROFILES } from '../activity-profiles.ts';

const { findOrphans, settleOrphans, inspectStores } = proxyActivities<
  Pick<Activities, 'findOrphans' | 'settleOrphans' | 'inspectStores'>
>(PROFILES.reconcile);

const SOURCES = ['namespaces', 'volumes', 'secrets', 'release-records'] as const satisfies readonly OrphanSource[];
/** Objects of one list of the cluster: what an answer of the API server may weigh. */
const OBJECTS_A_PAGE = 250;
const STORES_A_PAGE = 100;
/** Pages of one run, half a dozen events each; then the pass goes on in a new run with an empty history. */
const PAGES_A_RUN = 50;

/** Where a pass is, and what it has seen so far. */
export interface ClusterPass {
  /** RFC 3339; what was seen last before this is gone. */
  readonly began: string;
  /** Index into the sources of orphans; past their end it is the stores' turn. */
  readonly source: number;
  readonly after: string | null;
  readonly orphans: number;
  readonly cleanupsStarted: number;
  readonly removed: number;
  /** Orphans that are due but too many to be removed at once. */
  readonly heldBack: number;
  readonly inspected: number;
  readonly drifted: number;
}

/**
 * One pass over the whole cluster: lists what no store accounts for, removes of that what is due, then compares every
 * ready store with what was installed. Run by a Temporal Schedule, one pass at a time, page by page.
 */
export async function reconcileCluster(from?: ClusterPass): Promise<ClusterPass> {
  let pass: ClusterPass = from ?? newPass(new Date().toISOString());
  for (let page = 0; page < PAGES_A_RUN; page += 1) {
    const source = SOURCES[pass.source];
    if (source === undefined) {
      const seen = await inspectStores({ pageSize: STORES_A_PAGE, after: pass.after });
      pass = {
        ...pass,
        after: seen.next,
        inspected: pass.inspected + seen.inspected,
        drifted: pass.drifted + seen.drifted,
      };
      if (seen.next === null) return pass;
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
  // Only once everything was seen it is certain what is an orphan no more, and how many are.
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
