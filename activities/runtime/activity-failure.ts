import { ApplicationFailure, cancellationDetails, CancelledFailure, Context } from '@temporalio/activity';
import { failureKind, StoreError } from '../../domain/failure.ts';
import { throttledDelayMs } from './back-pressure.ts';

/**
 * Wraps an activity: the only place that converts its errors to Temporal failures.
 *
 * - A `StoreError` becomes an ApplicationFailure whose type is the code. `domain/failure.ts` decides whether it is
 *   retryable.
 * - A cancellation without a cancel request (worker shutdown, lost heartbeat) becomes a retryable failure. So another
 *   worker continues the step, and no saga undoes a store because of it.
 * - Any other error is a bug and is rethrown. Temporal shows and retries it.
 */
export function toActivityFailure<I extends readonly unknown[], O>(
  activity: (...input: I) => Promise<O>,
): (...input: I) => Promise<O> {
  return async function wrapped(...input: I): Promise<O> {
    try {
      return await activity(...input);
    } catch (error) {
      if (Context.current().cancellationSignal.aborted) throw cancellationFailure(error);
      throw error instanceof StoreError ? asApplicationFailure(error) : error;
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

function asApplicationFailure(error: StoreError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.code,
    message: error.publicMessage,
    nonRetryable: !failureKind(error.code).temporalRetryable,
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
