/** What every probe order is made under, so that people, reports and the next attempt know it. `.invalid` never gets mail. */
export const PROBE_EMAIL = 'sale-check@store-platform.invalid';

export interface SaleStep {
  readonly step: string;
  readonly durationMs: number;
}

/** The order that proved a store. It is cancelled and put away by the time it is told. */
export interface ProbeOrder {
  readonly id: string;
  /** The number that the merchant sees. */
  readonly number: string;
  /** With the currency, as the store states it, e.g. `25.00 EUR`. */
  readonly total: string;
}

export interface SaleReport {
  /** Null after a check, which stops before the order. */
  readonly order: ProbeOrder | null;
  /** The order was made by an earlier attempt with the same probe id. */
  readonly foundEarlier: boolean;
  readonly steps: readonly SaleStep[];
}

export interface SellInput {
  /** Names the proof over all its attempts: the same id never leaves two orders. Letters, digits and dashes, ≤ 64. */
  readonly probeId: string;
  readonly signal?: AbortSignal;
  /** Told when a step begins; for heartbeats. */
  readonly onStep?: (step: string) => void;
}

export type CheckInput = Omit<SellInput, 'probeId'>;

/**
 * Buys in a store as a customer does, through its public HTTP API.
 *
 * One attempt at a time for each store: both engines can make two orders of one cart when asked twice at once.
 * Both throw SaleFailure, or the signal's reason once it is aborted.
 */
export interface SaleClient {
  /** Places an order, reads it back as the merchant, then takes it back, so that stock and turnover stay true. */
  sell(input: SellInput): Promise<SaleReport>;
  /** Goes as far as possible without an order: what a customer would see is there, and nothing the merchant sees changes. */
  check(input: CheckInput): Promise<SaleReport>;
}
