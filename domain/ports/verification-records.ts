import type { CheckoutVerification } from '../store/store.ts';
import type { StoreTarget } from '../operations/inputs.ts';

/** What the hourly verification reads and writes. Every verb throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface VerificationRecords {
  /** Lists ready stores that serve traffic and have no open operation, in the order of their ids. */
  listStoresToVerify(query: { readonly limit: number; readonly after: string | null }): Promise<readonly StoreTarget[]>;
  /**
   * Writes the result of a verification. The first failure makes the store degraded, a success ends that. Each is one event.
   *
   * @returns false when the store is no longer ready or has an open operation: then the result is ignored.
   */
  recordVerification(
    input: { readonly store: StoreTarget; readonly check: CheckoutVerification },
    now: Date,
  ): Promise<boolean>;
}
