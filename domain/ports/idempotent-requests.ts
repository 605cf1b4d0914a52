/** One request with an idempotency key. */
export interface IdempotentRequest {
  /** The tenant of the caller. Null: the request concerns no tenant. */
  readonly tenantId: string | null;
  /** SHA-256 of the tenant, the principal and the key. */
  readonly hash: Buffer;
  /** SHA-256 of the operation and the body. */
  readonly requestHash: Buffer;
  readonly now: Date;
  /** Until when the response is kept. */
  readonly expiresAt: Date;
}

/** The work of a request, and its response as it is stored. */
export interface IdempotentResult<Value> {
  readonly value: Value;
  readonly response: Buffer;
}

export type OnceResult<Value> =
  /** No earlier request had the key. The work is committed. */
  | { readonly kind: 'done'; readonly value: Value }
  /** The same request came before. */
  | { readonly kind: 'replayed'; readonly response: Buffer }
  | { readonly kind: 'keyReused' };

/**
 * Runs requests with an idempotency key.
 *
 * @typeParam Records The records that the work may change.
 */
export interface IdempotentRequests<Records> {
  /**
   * Runs `work` in one transaction with the record of its key. If a request with the same key is running, waits for its
   * end. When `work` throws, nothing is written and the key stays free.
   */
  once<Value>(
    request: IdempotentRequest,
    work: (records: Records) => Promise<IdempotentResult<Value>>,
  ): Promise<OnceResult<Value>>;
}
