import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { asyncLocalStorage, Context } from '@temporalio/activity';

/** The only file that reads Temporal's activity context. */

const HEARTBEAT_EVERY_MS = 2_000; // the answer to a heartbeat carries a cancellation: this is its latency

/**
 * Returns the signal that aborts, with a CancelledFailure, when the activity is cancelled. Undefined outside an
 * activity.
 */
export function attemptSignal(): AbortSignal | undefined {
  return asyncLocalStorage.getStore()?.cancellationSignal;
}

/** Waits for `ms` milliseconds. @throws CancelledFailure when the activity is cancelled. */
export async function pause(ms: number): Promise<void> {
  const signal = attemptSignal();
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Returns the last heartbeat details of the previous attempt, undefined when there are none. */
export function lastHeartbeat(): unknown {
  return Context.current().info.heartbeatDetails;
}

/** Sends a heartbeat with `details`, which the next attempt reads with `lastHeartbeat`. */
export function sendHeartbeat(details: unknown): void {
  Context.current().heartbeat(details);
}

/** Returns the number of this attempt of the activity. The first one is 1. */
export function attemptNumber(): number {
  return Context.current().info.attempt;
}

/** Returns whether this is the first attempt of the activity. */
export function isFirstAttempt(): boolean {
  return Context.current().info.attempt === 1;
}

/** Logs a warning for operators. The worker adds store, workflow and attempt to the line. */
export function logWarning(message: string, attributes: Readonly<Record<string, unknown>> = {}): void {
  Context.current().log.warn(message, { ...attributes });
}

/**
 * Returns the identity of this attempt: `scheduledMs/runId/activityId/attempt/random`. It is unique over all workers.
 * `scheduledMs` is when the attempt was scheduled, by the clock of the Temporal server.
 */
export function attemptToken(): string {
  const { currentAttemptScheduledTimestampMs, workflowExecution, activityId, attempt } = Context.current().info;
  return [
    currentAttemptScheduledTimestampMs,
    workflowExecution?.runId ?? 'no-run',
    activityId,
    attempt,
    randomBytes(6).toString('hex'),
  ].join('/');
}

/** Runs `work` and sends a heartbeat with the current `details` every two seconds until it ends. */
export async function withHeartbeat<T>(work: () => Promise<T>, details: () => unknown = () => undefined): Promise<T> {
  const context = Context.current();
  const beat = () => context.heartbeat(details());
  const timer = setInterval(beat, HEARTBEAT_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
