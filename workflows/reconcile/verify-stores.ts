import { log, makeContinueAsNewFunc, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { activitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

const { listStoresToVerify, recordVerification } = activitiesWith<
  Pick<Activities, 'listStoresToVerify' | 'recordVerification'>
>(PROFILES.record);
const { verifyCheckout } = activitiesWith<Pick<Activities, 'verifyCheckout'>>(PROFILES.hourlyVerification);

const STORES_A_PAGE = 50;
/** Pages per run, about 700 events each. Then the pass continues as a new run with an empty history. */
const PAGES_A_RUN = 10;
/** Concurrent verifications: each keeps a shop busy for about two seconds, and many shops share a node. */
const CONCURRENCY = 4;
/** Delay before the second attempt. A pod that was just replaced is ready again after it. */
const SECOND_ATTEMPT_DELAY = '30s';

/** Position and totals of a pass. Every run of the pass receives them. */
export interface VerificationPass {
  readonly after: string | null;
  readonly checked: number;
  readonly degraded: number;
}

/**
 * Makes one pass over all ready stores that serve traffic, page by page. It verifies the checkout of each store up to the
 * order and writes the result to the record. A Temporal Schedule starts one pass at a time.
 */
export async function verifyStores(from?: VerificationPass): Promise<VerificationPass> {
  let pass: VerificationPass = from ?? { after: null, checked: 0, degraded: 0 };
  for (let page = 0; page < PAGES_A_RUN; page += 1) {
    const { stores } = await listStoresToVerify({ limit: STORES_A_PAGE, after: pass.after });
    const queue = [...stores];
    const outcomes = await Promise.all(Array.from({ length: CONCURRENCY }, () => verifyQueued(queue)));
    for (const { checked, degraded } of outcomes) {
      pass = { ...pass, checked: pass.checked + checked, degraded: pass.degraded + degraded };
    }
    if (stores.length < STORES_A_PAGE) return { ...pass, after: null };
    pass = { ...pass, after: stores.at(-1)?.storeId ?? null };
  }
  return makeContinueAsNewFunc<typeof verifyStores>()(pass);
}

/** Takes stores from the shared queue until it is empty, and verifies them one after the other. */
async function verifyQueued(queue: StoreTarget[]): Promise<{ checked: number; degraded: number }> {
  const count = { checked: 0, degraded: 0 };
  for (let store = queue.shift(); store !== undefined; store = queue.shift()) {
    try {
      let check = await verifyCheckout({ store });
      if (check.outcome === 'failed') {
        await sleep(SECOND_ATTEMPT_DELAY);
        check = await verifyCheckout({ store });
      }
      await recordVerification({ store, check });
      count.checked += 1;
      if (check.outcome === 'failed') count.degraded += 1;
    } catch (error) {
      // An error says nothing about this store, and it must not stop the verification of the others.
      log.warn('a store could not be verified', { storeId: store.storeId, error });
    }
  }
  return count;
}
