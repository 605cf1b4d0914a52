import type { VerificationFailureReason } from '../../domain/failure.ts';
import type { VerificationStep } from './checkout-client.ts';

/** A verification failed: the step, the reason, the request and the store's answer. */
export class VerificationFailure extends Error {
  readonly step: string;
  readonly reason: VerificationFailureReason;
  /** Status and beginning of the store's answer; null when there was none. */
  readonly answer: { readonly status: number; readonly body: string } | null;
  /** Steps that succeeded before. */
  readonly completed: readonly VerificationStep[];

  constructor(
    message: string,
    facts: {
      readonly step: string;
      readonly reason: VerificationFailureReason;
      readonly answer?: { readonly status: number; readonly body: string };
      readonly completed?: readonly VerificationStep[];
      readonly cause?: unknown;
    },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'VerificationFailure';
    this.step = facts.step;
    this.reason = facts.reason;
    this.answer = facts.answer ?? null;
    this.completed = facts.completed ?? [];
  }
}
