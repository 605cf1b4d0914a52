import type { RunningOperation } from '../../domain/ports/reconcile-records.ts';

const MAX_DELAY_SECONDS = 3_600;
/** A run that stayed open for so long did not close at once: the next restart counts as the first one. */
const HEALTHY_AFTER_MS = 30 * 60_000;

interface ClosedRun extends Pick<RunningOperation, 'restarts' | 'restartedAt'> {
  /** When the run closed. Null: unknown. */
  readonly closedAt: Date | null;
}

/**
 * Returns whether an operation whose run closed may be started again. The delay doubles with each restart, up to an hour: a
 * run that closes at once again and again costs little, and it recovers by itself when its cause is gone.
 */
export function isRestartDue(
  run: ClosedRun,
  { now, minDelaySeconds }: { readonly now: Date; readonly minDelaySeconds: number },
): boolean {
  const since = run.closedAt ?? run.restartedAt;
  if (since === null) return true;
  const restarts = stayedOpen(run) ? 0 : run.restarts;
  const delaySeconds = Math.max(minDelaySeconds, Math.min(minDelaySeconds * 2 ** restarts, MAX_DELAY_SECONDS));
  return now.getTime() - since.getTime() >= delaySeconds * 1_000;
}

/** Returns the number of restarts to record for the next restart. */
export function restartsAfter(run: ClosedRun): number {
  return stayedOpen(run) ? 1 : run.restarts + 1;
}

function stayedOpen({ closedAt, restartedAt }: ClosedRun): boolean {
  return closedAt !== null && restartedAt !== null && closedAt.getTime() - restartedAt.getTime() >= HEALTHY_AFTER_MS;
}
