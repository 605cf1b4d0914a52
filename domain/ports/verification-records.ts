import type { CheckoutVerification } from '../store/store.ts';
import type { StoreTarget } from '../operations/inputs.ts';

/** A page of the stores of a cluster. */
export interface VerificationPage {
  readonly cluster: string;
  readonly limit: number;
  /** Id of the last store of the page before. Null: the first page. */
  readonly after: string | null;
}

/**
 * The records for the hourly verification. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not
 * answer.
 */
export interface VerificationRecords {
  /** Counts the stores that `listStoresToVerify` lists from this position on, in all pages. */
  countStoresToVerify(from: Omit<VerificationPage, 'limit'>): Promise<number>;
  /** Lists ready stores that serve traffic and have no open operation, in the order of their ids. */
  listStoresToVerify(query: VerificationPage): Promise<readonly StoreTarget[]>;
  /**
   * Writes the result of a verification. The first failure makes the store degraded and a success ends this, with one
   * event each.
   *
   * @returns false if the store is no longer ready or has an open operation. Then the result is ignored.
   */
  recordVerification(
    input: { readonly store: StoreTarget; readonly check: CheckoutVerification },
    now: Date,
  ): Promise<boolean>;
}
