import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { isFailureCode, type Evidence } from '../../domain/failure.ts';
import type { Step } from '../../domain/operations/catalogue.ts';
import type { OperationFailure, UndoReport } from '../../domain/operations/outcomes.ts';

/** What an error thrown by a step means, in the words of `domain/failure.ts`. */
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
    return { code: 'STEP_TIMED_OUT', message: `${step ?? 'the operation'} did not end in time`, step, evidence: null };
  }
  return {
    code: 'INTERNAL',
    message: 'An unexpected error; the run in the Web UI has the details',
    step,
    evidence: null,
  };
}

/** The failure that a run closes with when undoing left something behind: worse than what caused the undo. */
export function undoIncomplete(
  first: OperationFailure | null,
  report: UndoReport,
  step: Step | null,
): OperationFailure {
  const reason = first === null ? 'it was cancelled' : `${first.code}: ${first.message}`;
  return {
    code: 'UNDO_INCOMPLETE',
    message: `Could not clean up (${report.leftBehind.join(', ')}) after ${reason}`,
    step: first?.step ?? step,
    evidence: { ...first?.evidence, leftovers: report.leftBehind },
  };
}

/** Closes the run as Failed under the failure's code. */
export function closingFailure(failure: OperationFailure): ApplicationFailure {
  return ApplicationFailure.nonRetryable(failure.message, failure.code, failure);
}

function evidenceOf(failure: ApplicationFailure): Evidence | null {
  const details: unknown = failure.details?.[0];
  // Our own `atBoundary` is the only writer of details under one of our codes.
  return details !== null && typeof details === 'object' ? details : null;
}
