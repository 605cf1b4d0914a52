import { ApplicationFailure, cancellationDetails, CancelledFailure, Context } from '@temporalio/activity';
import { failureKind, StoreError, type FailureCode } from '../../domain/failure.ts';
import { attemptNumber } from './activity-context.ts';
import { throttledDelayMs } from './back-pressure.ts';

/**
 * With the pauses of their profiles, these attempts take about 90 s. A failure that lasts longer has a cause that a retry does
 * not remove.
 */
export const RELEASE_ATTEMPTS = { maxAttempts: 8 } as const;
export const VERIFICATION_ATTEMPTS = { maxAttempts: 10 } as const;

/** Failures that pass without a change of the store. They are retried until the profile of the activity ends the step. */
const PASSING: ReadonlySet<FailureCode> = new Set(['CLUSTER_UNAVAILABLE', 'ATTEMPT_FENCED']);

/**
 * Wraps an activity: the only place that converts its errors to Temporal failures.
 *
 * - A `StoreError` becomes an ApplicationFailure whose type is the code. `domain/failure.ts` decides whether it is
 *   retryable.
 * - A cancellation without a cancel request (worker shutdown, lost heartbeat) becomes a retryable failure. So another
 *   worker continues the step, and no saga undoes a store because of it.
 * - Any other error is a bug and is rethrown. Temporal shows and retries it.
 *
 * @param maxAttempts Attempts after which a `StoreError` is final, unless the cluster does not answer or another attempt runs.
 *   Default: the profile of the activity decides.
 */
export function toActivityFailure<I extends readonly unknown[], O>(
  activity: (...input: I) => Promise<O>,
  { maxAttempts = Number.POSITIVE_INFINITY }: { readonly maxAttempts?: number | undefined } = {},
): (...input: I) => Promise<O> {
  return async function wrapped(...input: I): Promise<O> {
    try {
      return await activity(...input);
    } catch (error) {
      if (Context.current().cancellationSignal.aborted) throw cancellationFailure(error);
      throw error instanceof StoreError ? asApplicationFailure(error, maxAttempts) : error;
    }
  };
}

function cancellationFailure(error: unknown): unknown {
  const details = cancellationDetails();
  if (details === undefined || details.cancelRequested) {
    return error instanceof CancelledFailure ? error : new CancelledFailure('cancelled on request', [], asError(error));
  }
  // The SDK recognises a pause and a reset by the CancelledFailure and keeps the activity for the operator.
  if (details.paused || details.reset)
    return error instanceof CancelledFailure ? error : new CancelledFailure('paused or reset');
  return ApplicationFailure.create({
    type: 'ATTEMPT_FENCED',
    message: 'the attempt was cancelled without a request; another attempt continues the step',
    nonRetryable: false,
    cause: asError(error),
  });
}

function asApplicationFailure(error: StoreError, maxAttempts: number): ApplicationFailure {
  const isLast = attemptNumber() >= maxAttempts && !PASSING.has(error.code);
  return ApplicationFailure.create({
    type: error.code,
    message: error.publicMessage,
    nonRetryable: isLast || !failureKind(error.code).temporalRetryable,
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: delayAfter(error.retryAfterMs) }),
    ...(error.evidence === undefined ? {} : { details: [error.evidence] }),
    ...(error.cause instanceof Error ? { cause: error.cause } : {}),
  });
}

function delayAfter(retryAfterMs: number): number {
  return throttledDelayMs({ retryAfterMs, attempt: Context.current().info.attempt, random: Math.random() });
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
