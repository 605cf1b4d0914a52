import { log, makeContinueAsNewFunc, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { activitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';
import { concurrencyFor, VerificationQueue } from './verification-queue.ts';
import { staysOnItsVersion } from '../versioning.ts';

const { countStoresToVerify, listStoresToVerify, recordVerification } = activitiesWith<
  Pick<Activities, 'countStoresToVerify' | 'listStoresToVerify' | 'recordVerification'>
>(PROFILES.verificationRecord);
const { verifyCheckout } = activitiesWith<Pick<Activities, 'verifyCheckout'>>(PROFILES.hourlyVerification);

const STORES_A_PAGE = 50;
/** Stores per run, about 14 events each. Then the pass continues as a new run with an empty history. */
const STORES_A_RUN = 500;
/** After this time a pass takes no new store. Open verifications end within ten more minutes, before the next pass. */
const PASS_MS = 2_880_000; // 48 min
/** Delay before the second attempt. A pod that was just replaced is ready again after it. */
const SECOND_ATTEMPT_DELAY_MS = 30_000;

/** Position and totals of a pass. Every run of the pass receives them. */
export interface VerificationPass {
  /** The id of the last store that the pass has reached. Null at the beginning, and when it has reached all stores. */
  readonly after: string | null;
  readonly checked: number;
  readonly degraded: number;
  /** Stores that could not be verified, for example because the cluster did not answer. */
  readonly unverified?: number;
  /** Set by the first run of the pass. */
  readonly limits?: PassLimits;
}

interface PassLimits {
  readonly concurrency: number;
  /** Milliseconds since the epoch, after which the pass takes no new store. */
  readonly endsAtMs: number;
}

/**
 * Makes one pass over all ready stores that serve traffic. It verifies the checkout of each store up to the order and writes
 * the result to the record. A Temporal Schedule starts one pass at a time.
 *
 * A pass ends within the hour. If it has not reached all stores by then, the next pass continues after the last store that it
 * has reached: Temporal gives each scheduled run the result of the last one.
 */
export async function verifyStores(from?: VerificationPass): Promise<VerificationPass> {
  const begun = from ?? { after: unreachedAfter(workflowInfo().lastResult), checked: 0, degraded: 0 };
  const limits = begun.limits ?? (await limitsOfPass(begun.after));
  const queue = new VerificationQueue({
    loadPage: async (after) => (await listStoresToVerify({ limit: STORES_A_PAGE, after })).stores,
    pageSize: STORES_A_PAGE,
    after: begun.after,
    maxStores: STORES_A_RUN,
    endsAtMs: limits.endsAtMs,
    secondAttemptDelayMs: SECOND_ATTEMPT_DELAY_MS,
    now: () => Date.now(),
    sleep: (ms) => sleep(ms),
  });
  const counts = { checked: begun.checked, degraded: begun.degraded, unverified: begun.unverified ?? 0 };
  await Promise.all(Array.from({ length: limits.concurrency }, () => verifyQueued(queue, counts)));

  if (queue.isComplete) return { after: null, ...counts };
  const pass = { after: queue.after, ...counts };
  if (queue.loadError === undefined && Date.now() < limits.endsAtMs) {
    return makeContinueAsNewFunc<typeof verifyStores>()({ ...pass, limits });
  }
  log.warn('the verification did not reach all stores; the next pass continues with the other ones', {
    after: pass.after,
    ...counts,
    error: queue.loadError,
  });
  return pass;
}
staysOnItsVersion(verifyStores);

async function limitsOfPass(after: string | null): Promise<PassLimits> {
  const endsAtMs = Date.now() + PASS_MS;
  const { total } = await countStoresToVerify({ after });
  return { concurrency: concurrencyFor(total), endsAtMs };
}

/** Returns the position at which the last pass stopped, from its result. Null: it reached all stores, or it does not exist. */
function unreachedAfter(lastResult: unknown): string | null {
  if (typeof lastResult !== 'object' || lastResult === null || !('after' in lastResult)) return null;
  return typeof lastResult.after === 'string' ? lastResult.after : null;
}

/** Takes stores from the shared queue until it is empty, and verifies them one after the other. */
async function verifyQueued(
  queue: VerificationQueue,
  counts: { checked: number; degraded: number; unverified: number },
): Promise<void> {
  for (let next = await queue.next(); next !== undefined; next = await queue.next()) {
    const { store, attempt } = next;
    try {
      const check = await verifyCheckout({ store });
      if (check.outcome === 'failed' && attempt === 1) {
        queue.repeat(store);
        continue;
      }
      await recordVerification({ store, check });
      counts.checked += 1;
      if (check.outcome === 'failed') counts.degraded += 1;
    } catch (error) {
      // An error says nothing about this store, and it must not stop the verification of the others.
      counts.unverified += 1;
      log.warn('a store could not be verified', { storeId: store.storeId, error });
    }
  }
}
