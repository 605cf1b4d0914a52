/** Email of every verification order: merchants, reports and the next attempt recognise it. `.invalid` gets no mail. */
export const VERIFICATION_EMAIL = 'verification@store-platform.invalid';

export interface VerificationStep {
  readonly step: string;
  readonly durationMs: number;
}

/** The verification order. It is already cancelled and archived or deleted when the report is returned. */
export interface VerificationOrder {
  readonly id: string;
  /** The number that the merchant sees. */
  readonly number: string;
  /** Amount and currency as the store states them, such as `25.00 EUR`. */
  readonly total: string;
}

export interface VerificationReport {
  /** Null after `verifyCheckout`, which stops before the order. */
  readonly order: VerificationOrder | null;
  /** True: an earlier attempt with the same verification id placed the order. */
  readonly foundEarlier: boolean;
  readonly steps: readonly VerificationStep[];
}

export interface PlaceOrderInput {
  /**
   * Identifies the verification over all its attempts: the same id never leaves two orders. Letters, digits and dashes,
   * at most 64.
   */
  readonly verificationId: string;
  readonly signal?: AbortSignal;
  /** Called when a step begins; for heartbeats. */
  readonly onStep?: (step: string) => void;
}

export type CheckoutInput = Omit<PlaceOrderInput, 'verificationId'>;

/**
 * Verifies a store through its public HTTP API, as a customer does.
 *
 * Run one attempt per store at a time: both engines can create two orders from one cart when they get two requests at
 * once. Both methods throw VerificationFailure, or the reason of the signal once it is aborted.
 */
export interface CheckoutClient {
  /** Places an order, reads it as the merchant, then cancels it, so that stock and revenue stay correct. */
  placeOrder(input: PlaceOrderInput): Promise<VerificationReport>;
  /** Does every step before the order. Nothing that the merchant sees changes. */
  verifyCheckout(input: CheckoutInput): Promise<VerificationReport>;
}
