import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { isFailureCode, type Evidence } from '../../domain/failure.ts';
import type { Step } from '../../domain/operations/catalogue.ts';
import type { OperationFailure, UndoReport } from '../../domain/operations/outcomes.ts';

/**
 * Converts the error of a step to the failure that the record stores, with a code of `domain/failure.ts`. An error without a
 * known code becomes `STEP_TIMED_OUT` or `INTERNAL`.
 */
export function operationFailure(error: unknown, step: Step | null): OperationFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && isFailureCode(cause.type)) {
    return { code: cause.type, message: cause.message, step, evidence: evidenceOf(cause) };
  }
  if (cause instanceof TimeoutFailure) {
    const last = cause.cause;
    if (last instanceof ApplicationFailure && isFailureCode(last.type)) {
      return { code: last.type, message: last.message, step, evidence: evidenceOf(last) };
    }
    return {
      code: 'STEP_TIMED_OUT',
      message: `${step === null ? 'the operation' : `the step ${step}`} did not end before its timeout`,
      step,
      evidence: null,
    };
  }
  return {
    code: 'INTERNAL',
    message: 'an unexpected error occurred; the workflow run in the Temporal Web UI shows the details',
    step,
    evidence: null,
  };
}

/**
 * Returns the failure of a run whose undo left objects behind. It replaces `first`, the failure that caused the undo, and
 * names it in its message. `first` is null after a cancel.
 */
export function undoIncomplete(
  first: OperationFailure | null,
  report: UndoReport,
  step: Step | null,
): OperationFailure {
  const cause = first === null ? 'after a cancel' : `after ${first.code}: ${first.message}`;
  return {
    code: 'UNDO_INCOMPLETE',
    message: `the undo of ${report.leftBehind.join(', ')} failed ${cause}`,
    step: first?.step ?? step,
    evidence: { ...first?.evidence, leftovers: report.leftBehind },
  };
}

/** Returns the error that closes the run as Failed. Its type is the failure code. */
export function closingFailure(failure: OperationFailure): ApplicationFailure {
  return ApplicationFailure.nonRetryable(failure.message, failure.code, failure);
}

function evidenceOf(failure: ApplicationFailure): Evidence | null {
  const details: unknown = failure.details?.[0];
  // Only `toActivityFailure` writes details on a failure that has one of the platform's codes.
  return details !== null && typeof details === 'object' ? details : null;
}
