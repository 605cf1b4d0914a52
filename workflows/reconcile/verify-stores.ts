import { log, makeContinueAsNewFunc, proxyActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { PROFILES } from '../activity-profiles.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

const { listStoresToVerify, recordVerification } = proxyActivities<
  Pick<Activities, 'listStoresToVerify' | 'recordVerification'>
>(PROFILES.record);
const { verifyCheckout } = proxyActivities<Pick<Activities, 'verifyCheckout'>>(PROFILES.hourlyVerification);

const STORES_A_PAGE = 50;
/** Pages of one run, some 700 events each; then the pass goes on in a new run with an empty history. */
const PAGES_A_RUN = 10;
/** Stores that are visited at once: a check keeps a shop busy for a second or two, and many share a node. */
const AT_ONCE = 4;
/** A pod that was just replaced is back by then. */
const SECOND_LOOK = '30s';

/** Where a pass is, and what it has seen so far. */
export interface VerificationPass {
  readonly after: string | null;
  readonly checked: number;
  readonly degraded: number;
}

/**
 * One pass over all ready stores that are served: goes through the shop up to the order, and notes on the store's record
 * whether that went well. Run by a Temporal Schedule, one pass at a time, page by page.
 */
export async function verifyStores(from?: VerificationPass): Promise<VerificationPass> {
  let pass: VerificationPass = from ?? { after: null, checked: 0, degraded: 0 };
  for (let page = 0; page < PAGES_A_RUN; page += 1) {
    const { stores } = await listStoresToVerify({ limit: STORES_A_PAGE, after: pass.after });
    const queue = [...stores];
    const outcomes = await Promise.all(Array.from({ length: AT_ONCE }, () => checkInTurn(queue)));
    for (const { checked, degraded } of outcomes) {
      pass = { ...pass, checked: pass.checked + checked, degraded: pass.degraded + degraded };
    }
    if (stores.length < STORES_A_PAGE) return { ...pass, after: null };
    pass = { ...pass, after: stores.at(-1)?.storeId ?? null };
  }
  return makeContinueAsNewFunc<typeof verifyStores>()(pass);
}

async function checkInTurn(queue: StoreTarget[]): Promise<{ checked: number; degraded: number }> {
  const count = { checked: 0, degraded: 0 };
  for (let store = queue.shift(); store !== undefined; store = queue.shift()) {
    try {
      let check = await verifyCheckout({ store });
      if (check.outcome === 'failed') {
        await sleep(SECOND_LOOK);
        check = await verifyCheckout({ store });
      }
      await recordVerification({ store, check });
      count.checked += 1;
      if (check.outcome === 'failed') count.degraded += 1;
    } catch (error) {
      // Nothing is known about this store then; the others shall not wait for it.
      log.warn('a store could not be checked', { storeId: store.storeId, error });
    }
  }
  return count;
}
