import { log, makeContinueAsNewFunc, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { activitiesWith, clusterActivitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';
import { operationFailure } from '../operation/operation-failure.ts';
import { FailureWindow } from './failure-window.ts';
import { concurrencyFor, VerificationQueue } from './verification-queue.ts';
import { staysOnItsVersion } from '../versioning.ts';

const { beginVerification, listStoresToVerify, endVerification, recordVerification } = activitiesWith<
  Pick<Activities, 'beginVerification' | 'listStoresToVerify' | 'endVerification' | 'recordVerification'>
>(PROFILES.verificationRecord);
const { verifyCheckout } = clusterActivitiesWith<Pick<Activities, 'verifyCheckout'>>(PROFILES.hourlyVerification);

const STORES_A_PAGE = 50;
/** Stores per run, about 15 events each. Then the pass continues as a new run with an empty history. */
const STORES_A_RUN = 500;
/** After this time a pass takes no new store. Open verifications end within ten more minutes, before the next pass. */
const PASS_MS = 2_880_000; // 48 min
/** Delay before the second attempt. A pod that was just replaced is ready again after it. */
const SECOND_ATTEMPT_DELAY_MS = 30_000;

/** Position and totals of a pass. Every run of the pass receives them. */
export interface VerificationPass {
  /** Name of the cluster whose stores the pass verifies. */
  readonly cluster: string;
  /** The id of the last store that the pass has reached. Null at the beginning, and when it has reached all stores. */
  readonly after: string | null;
  readonly checked: number;
  readonly degraded: number;
  /** Stores that could not be verified, for example because the cluster did not answer. */
  readonly unverified?: number;
  /** The cause that most of the last stores shared. The pass has stopped because of it. */
  readonly stoppedBy?: string;
  /** Set by the first run of the pass. */
  readonly limits?: PassLimits;
}

/** Input of the first run of a pass, or what the run before it has reached. */
type VerificationStart = Pick<VerificationPass, 'cluster'> | VerificationPass;

interface PassLimits {
  readonly concurrency: number;
  readonly storesPerSecond: number;
  /** Milliseconds since the epoch, after which the pass takes no new store. */
  readonly endsAtMs: number;
}

/**
 * Makes one pass over all ready stores of a cluster that serve traffic. It verifies the checkout of each store up to the order
 * and writes the result to the record. A Temporal Schedule of the cluster starts one pass at a time.
 *
 * A pass ends within the hour. It also ends when most of its last stores failed with the same cause: then something that the
 * stores share is broken, such as the ingress, and every further store would fail too. The next pass continues after the last
 * store that was reached, also when this pass is cut: its position is in the records.
 */
export async function verifyStores(from: VerificationStart): Promise<VerificationPass> {
  const { cluster } = from;
  const { limits, ...begun } = await startOf(from);
  const queue = new VerificationQueue({
    loadPage: async (after) => (await listStoresToVerify({ cluster, limit: STORES_A_PAGE, after })).stores,
    pageSize: STORES_A_PAGE,
    after: begun.after,
    maxStores: STORES_A_RUN,
    storesPerSecond: limits.storesPerSecond,
    endsAtMs: limits.endsAtMs,
    secondAttemptDelayMs: SECOND_ATTEMPT_DELAY_MS,
    now: () => Date.now(),
    sleep: (ms) => sleep(ms),
  });
  const counts = { checked: begun.checked, degraded: begun.degraded, unverified: begun.unverified ?? 0 };
  const window = new FailureWindow();
  await Promise.all(Array.from({ length: limits.concurrency }, () => verifyQueued({ queue, counts, window })));

  const pass = { cluster, after: queue.isComplete ? null : queue.after, ...counts };
  const { sharedCause } = window;
  const isCut = queue.loadError !== undefined || sharedCause !== undefined || Date.now() >= limits.endsAtMs;
  if (!queue.isComplete && !isCut) return makeContinueAsNewFunc<typeof verifyStores>()({ ...pass, limits });
  // Without the database, the position stays at the begin of the last page.
  if (queue.loadError === undefined) await endVerification({ cluster, after: pass.after });
  if (sharedCause !== undefined) {
    log.error('ALARM: the verification stopped, because most of its last stores failed with the same cause', {
      cause: sharedCause,
      ...pass,
    });
    return { ...pass, stoppedBy: sharedCause };
  }
  if (queue.isComplete) return pass;
  log.warn('the verification did not reach all stores; the next pass continues with the other ones', {
    cluster,
    after: pass.after,
    ...counts,
    error: queue.loadError,
  });
  return pass;
}
staysOnItsVersion(verifyStores);

/** Returns where this run begins, and the limits of its pass. The first run of a pass reads them. */
async function startOf(from: VerificationStart): Promise<VerificationPass & { readonly limits: PassLimits }> {
  if ('limits' in from && from.limits !== undefined) return { ...from, limits: from.limits };
  const { cluster } = from;
  const endsAtMs = Date.now() + PASS_MS;
  const { after, total, storesPerSecond } = await beginVerification({ cluster });
  const limits = { concurrency: concurrencyFor(total), storesPerSecond, endsAtMs };
  return { cluster, after, checked: 0, degraded: 0, limits };
}

/** Takes stores from the shared queue until it is empty, and verifies them one after the other. */
async function verifyQueued({
  queue,
  counts,
  window,
}: {
  readonly queue: VerificationQueue;
  readonly counts: { checked: number; degraded: number; unverified: number };
  readonly window: FailureWindow;
}): Promise<void> {
  const note = (cause?: string): void => {
    window.add(cause);
    if (window.sharedCause !== undefined) queue.stop();
  };
  for (let next = await queue.next(); next !== undefined; next = await queue.next()) {
    const { store, attempt } = next;
    try {
      const check = await verifyCheckout({ store });
      if (attempt === 1) note(check.outcome === 'failed' ? `${check.step}: ${check.reason}` : undefined);
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
      note(operationFailure(error, null).code);
      log.warn('a store could not be verified', { storeId: store.storeId, error });
    }
  }
}
