/** Passes over all ready stores of a cluster that continue where the pass before them stopped. */
export const STORE_PASSES = ['inspect-stores', 'verify-stores'] as const;
export type StorePass = (typeof STORE_PASSES)[number];

/**
 * The positions of the passes over all ready stores of each cluster. A pass that is cut, by a timeout or an outage, continues at its position
 * instead of at the first store. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer.
 */
export interface PassPositions {
  /** Returns the id of the last store that the pass has reached. Null: the pass begins with the first store. */
  readPosition(input: { readonly pass: StorePass; readonly cluster: string }): Promise<string | null>;
  /** Saves the id of the last store that the pass has reached. Null: it has reached all stores. Safe to repeat. */
  savePosition(input: {
    readonly pass: StorePass;
    readonly cluster: string;
    readonly after: string | null;
    readonly now: Date;
  }): Promise<void>;
}
