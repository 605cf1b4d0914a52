/** What every probe order is made under, so that people, reports and the next attempt know it. `.invalid` never gets mail. */
export const VERIFICATION_EMAIL = 'verification@store-platform.invalid';

export interface VerificationStep {
  readonly step: string;
  readonly durationMs: number;
}

/** The order that proved a store. It is cancelled and put away by the time it is told. */
export interface VerificationOrder {
  readonly id: string;
  /** The number that the merchant sees. */
  readonly number: string;
  /** With the currency, as the store states it, e.g. `25.00 EUR`. */
  readonly total: string;
}

export interface VerificationReport {
  /** Null after a check, which stops before the order. */
  readonly order: VerificationOrder | null;
  /** The order was made by an earlier attempt with the same probe id. */
  readonly foundEarlier: boolean;
  readonly steps: readonly VerificationStep[];
}

export interface PlaceOrderInput {
  /** Names the proof over all its attempts: the same id never leaves two orders. Letters, digits and dashes, ≤ 64. */
  readonly verificationId: string;
  readonly signal?: AbortSignal;
  /** Told when a step begins; for heartbeats. */
  readonly onStep?: (step: string) => void;
}

export type CheckoutInput = Omit<PlaceOrderInput, 'verificationId'>;

/**
 * Buys in a store as a customer does, through its public HTTP API.
 *
 * One attempt at a time for each store: both engines can make two orders of one cart when asked twice at once.
 * Both throw VerificationFailure, or the signal's reason once it is aborted.
 */
export interface CheckoutClient {
  /** Places an order, reads it back as the merchant, then takes it back, so that stock and turnover stay true. */
  placeOrder(input: PlaceOrderInput): Promise<VerificationReport>;
  /** Goes as far as possible without an order: what a customer would see is there, and nothing the merchant sees changes. */
  verifyCheckout(input: CheckoutInput): Promise<VerificationReport>;
}
