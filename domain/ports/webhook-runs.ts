/** Input of the run of a delivery. */
export interface DeliveryRunInput {
  readonly deliveryId: string;
  readonly round: number;
  /** Attempts of this round that earlier runs made. */
  readonly attempts: number;
  /** Milliseconds before the second and each further attempt. A run keeps its plan when a new version has another one. */
  readonly retryDelaysMs: readonly number[];
}

/** Starts the runs that deliver messages. */
export interface WebhookRuns {
  /**
   * Starts the run of a delivery. One run is open per delivery and round.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE, ORCHESTRATOR_REJECTED
   */
  start(
    input: DeliveryRunInput & { readonly tenantId: string; readonly webhookId: string },
  ): Promise<'started' | 'alreadyStarted'>;
}
