export interface RetentionQuery {
  /** Everything older is erased. */
  readonly before: Date;
  /** Maximum number of rows to erase, so that one statement holds few locks. */
  readonly limit: number;
}

/** Erases records whose retention is over. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface RetentionRecords {
  /**
   * Erases stores of a cluster that were deleted before `before`, with their operations and events. Keeps a store while the list of
   * orphans has an object of it, such as a kept volume: its record confirms that the object may be removed.
   *
   * @returns the number of erased stores.
   */
  eraseDeletedStores(query: RetentionQuery & { readonly cluster: string }): Promise<number>;
  /**
   * Erases events before `before` of stores without an open operation. The numbers of the other events do not change.
   *
   * @returns the number of erased events.
   */
  eraseOldEvents(query: RetentionQuery): Promise<number>;
  /**
   * Erases deliveries of webhooks before `before`, and webhooks that were deleted before and have no delivery left.
   *
   * @returns the number of erased deliveries.
   */
  eraseDeliveries(query: RetentionQuery): Promise<number>;
  /** Erases entries of the audit log before `before`. @returns the number of erased entries. */
  eraseOldAuditEntries(query: RetentionQuery): Promise<number>;
}
