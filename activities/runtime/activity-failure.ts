import { ApplicationFailure, cancellationDetails, CancelledFailure, Context } from '@temporalio/activity';
import { failureKind, StoreError } from '../../domain/failure.ts';

/**
 * The one place where what an activity throws becomes what Temporal carries.
 *
 * - A `StoreError` becomes an ApplicationFailure under its code, retryable or not as `domain/failure.ts` says.
 * - A cancellation that nobody asked for (worker shutdown, pause, reset, a lost heartbeat) becomes a retryable failure:
 *   another worker goes on with the step, and no saga takes it for a cancel and undoes a store.
 * - Anything else is a bug and passes through; Temporal retries it and shows it.
 */
export function toActivityFailure<I, O>(activity: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async function bounded(input: I): Promise<O> {
    try {
      return await activity(input);
    } catch (error) {
      if (Context.current().cancellationSignal.aborted) throw cancelledOrHandedOver(error);
      throw error instanceof StoreError ? asApplicationFailure(error) : error;
    }
  };
}

function cancelledOrHandedOver(error: unknown): unknown {
  const details = cancellationDetails();
  if (details === undefined || details.cancelRequested) {
    return error instanceof CancelledFailure ? error : new CancelledFailure('cancelled on request', [], asError(error));
  }
  // The SDK knows these two by the CancelledFailure itself and parks the activity for its operator.
  if (details.paused || details.reset) return error instanceof CancelledFailure ? error : new CancelledFailure('held');
  return ApplicationFailure.create({
    type: 'ATTEMPT_FENCED',
    message: 'the attempt was handed over to another worker',
    nonRetryable: false,
    cause: asError(error),
  });
}

function asApplicationFailure(error: StoreError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.code,
    message: error.publicMessage,
    nonRetryable: !failureKind(error.code).temporalRetryable,
    // Back-pressure: the next attempt comes when the one who refused asked for it, not sooner.
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
    ...(error.evidence === undefined ? {} : { details: [error.evidence] }),
    ...(error.cause instanceof Error ? { cause: error.cause } : {}),
  });
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
