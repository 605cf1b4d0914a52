import type { VerificationStep } from './checkout-client.ts';

export type VerificationFailureReason =
  /** No connection, or it broke off, or what stands before the store answered in its place. */
  | 'unreachable'
  | 'timed-out'
  /** The store answered with an error. */
  | 'refused'
  /** The store answered with success and with something else than it should. */
  | 'unexpected-answer'
  /** The store works, but a probe can't buy there: nothing in stock, no shipping to its own country, no payment afterwards. */
  | 'not-possible';

/** Why a store did not placeVerificationOrder: the step, the request and what the store said. */
export class VerificationFailure extends Error {
  readonly step: string;
  readonly reason: VerificationFailureReason;
  /** Status and beginning of the store's answer, or null when there was none. */
  readonly answer: { readonly status: number; readonly body: string } | null;
  /** What went well before. */
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
