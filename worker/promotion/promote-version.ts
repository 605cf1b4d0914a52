import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import type { Logger } from '../../telemetry/logger.ts';
import type { WorkerDeployment } from '../../temporal/worker-deployment.ts';

const LOOK_EVERY_MS = 1_000;
/** A log line per interval, and one for each change of the reason. */
const REPORT_EVERY_MS = 15_000;

/**
 * gRPC codes with which Temporal rejects a request and will reject it again: INVALID_ARGUMENT, PERMISSION_DENIED, UNIMPLEMENTED and
 * UNAUTHENTICATED. All other codes can pass. FAILED_PRECONDITION is one of those: the version does not poll each queue yet.
 */
const FINAL_CODES: ReadonlySet<number> = new Set([3, 7, 12, 16]);

/** How a promotion ended. `reason` says what was missing when the time was over. */
export type Promotion =
  | { readonly kind: 'promoted'; readonly previous: string | undefined }
  | { readonly kind: 'alreadyCurrent' }
  | { readonly kind: 'timedOut'; readonly reason: string };

/**
 * Waits until workers of a version poll all task queues, and makes the version the current one. Repeated calls change nothing.
 *
 * @param buildId The version, or undefined for the workers that have no version.
 * @throws Error when Temporal rejects the change for a reason that does not pass.
 */
export async function promoteVersion(
  deployment: WorkerDeployment,
  {
    buildId,
    timeoutMs,
    log,
  }: {
    readonly buildId: string | undefined;
    readonly timeoutMs: number;
    readonly log: Pick<Logger, 'info'>;
  },
): Promise<Promotion> {
  const deadline = Date.now() + timeoutMs;
  let reported = { reason: '', at: 0 };
  for (;;) {
    const outcome = await attempt(deployment, buildId);
    if (outcome.kind !== 'waiting') return outcome;
    const { reason } = outcome;
    const now = Date.now();
    if (now >= deadline) return { kind: 'timedOut', reason };
    if (reason !== reported.reason || now - reported.at >= REPORT_EVERY_MS) {
      log.info({ reason, secondsLeft: Math.ceil((deadline - now) / 1_000) }, 'the version is not ready to be promoted');
      reported = { reason, at: now };
    }
    await delay(Math.min(LOOK_EVERY_MS, deadline - now));
  }
}

type Attempt =
  | Exclude<Promotion, { readonly kind: 'timedOut' }>
  | { readonly kind: 'waiting'; readonly reason: string };

async function attempt(deployment: WorkerDeployment, buildId: string | undefined): Promise<Attempt> {
  try {
    const previous = await deployment.currentBuildId();
    if (previous === buildId) return { kind: 'alreadyCurrent' };
    const missing = await deployment.queuesWithoutWorker(buildId);
    if (missing.length > 0) return { kind: 'waiting', reason: `no worker polls ${missing.join(', ')}` };
    await deployment.makeCurrent(buildId);
    return { kind: 'promoted', previous };
  } catch (error) {
    const rejection = isGrpcServiceError(error) ? error : undefined;
    if (rejection === undefined || FINAL_CODES.has(rejection.code)) throw error;
    return { kind: 'waiting', reason: `Temporal answered: ${rejection.details}` };
  }
}
