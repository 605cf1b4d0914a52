import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { asyncLocalStorage, Context } from '@temporalio/activity';

/** The only file that looks at Temporal's activity context. */

const HEARTBEAT_EVERY_MS = 2_000; // cancellation arrives with the answer to a heartbeat: this is its latency

/** Aborted, with a CancelledFailure as reason, when the running activity shall stop. Undefined outside an activity. */
export function attemptSignal(): AbortSignal | undefined {
  return asyncLocalStorage.getStore()?.cancellationSignal;
}

/** Waits, but not past cancellation, which is thrown. */
export async function pause(ms: number): Promise<void> {
  const signal = attemptSignal();
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** What the last attempt of this activity reported before it ended, if it got to report anything. */
export function lastHeartbeat(): unknown {
  return Context.current().info.heartbeatDetails;
}

/** Notes what operators should know of; store, workflow and attempt are added to the line by the worker. */
export function logWarning(message: string, attributes: Readonly<Record<string, unknown>> = {}): void {
  Context.current().log.warn(message, { ...attributes });
}

/**
 * Identity of an attempt: `scheduledMs/runId/activityId/attempt/random`. Equal to no other attempt's, of whatever worker.
 * `scheduledMs` is when its activity was asked for, by the clock of the Temporal server.
 */
export function attemptToken(): string {
  const { scheduledTimestampMs, workflowExecution, activityId, attempt } = Context.current().info;
  return [
    scheduledTimestampMs,
    workflowExecution?.runId ?? 'no-run',
    activityId,
    attempt,
    randomBytes(6).toString('hex'),
  ].join('/');
}

/** Runs `work` and heartbeats all along, every two seconds, with whatever `details` tells at that moment. */
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
