import { failureKind, StoreError } from '../../../domain/failure.ts';
import type { OperationFailure } from '../../../domain/operations.ts';
import type { ProvisionStep, Step } from '../../../domain/store-state.ts';
import { timeLimit } from '../../../domain/time-limit.ts';

/** How long one attempt of a step may take: a job that hangs is alive to the queue, and would hang for ever. */
const LIMIT_MS = {
  'prepare-namespace': 60_000,
  'ensure-secrets': 60_000,
  'install-release': 180_000,
  'await-ready': 7_200_000,
  verify: 120_000,
  undo: 600_000,
} as const satisfies Record<ProvisionStep | 'undo', number>;

/** Runs one attempt of a step under its limit. @throws StoreError STEP_TIMED_OUT */
export async function withinLimit<T>(
  step: keyof typeof LIMIT_MS,
  cancel: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = timeLimit(LIMIT_MS[step]);
  try {
    return await act(AbortSignal.any([cancel, limit]));
  } catch (error) {
    if (!limit.aborted || cancel.aborted) throw error;
    throw new StoreError('STEP_TIMED_OUT', `${step} did not end in time`, { cause: error });
  }
}

/** What to do about a step that threw. `retry`: throw it on, and the queue starts another attempt after its back-off. */
export type Verdict =
  | { readonly kind: 'retry' }
  /** Without a failure, the provision was cancelled. */
  | { readonly kind: 'undo'; readonly failure: OperationFailure | null };

/** The queue forgets a job after its last attempt: what can't be tried again must be decided before that. */
export function verdictOn(
  error: unknown,
  { isCancelled, isLastAttempt, step }: { isCancelled: boolean; isLastAttempt: boolean; step: Step | null },
): Verdict {
  if (isCancelled) return { kind: 'undo', failure: null };
  const failure = failureOf(error, step);
  if (failureKind(failure.code).retryable && !isLastAttempt) return { kind: 'retry' };
  return { kind: 'undo', failure };
}

function failureOf(error: unknown, step: Step | null): OperationFailure {
  if (error instanceof StoreError) {
    return { code: error.code, message: error.publicMessage, step, evidence: error.evidence ?? null };
  }
  return { code: 'INTERNAL', message: 'An unexpected error; the log of the job has the details', step, evidence: null };
}
