/** Where an open workflow run of a store stands, as Temporal reports it. */
export interface RunProgress {
  /** Time of the newest event in the history, by the clock of the Temporal server. */
  readonly lastEventAt: Date;
  /** `workflowTask`: a worker must continue the run. `activity`: at least one activity. `other`: a timer, a signal or nothing. */
  readonly waitsFor: 'workflowTask' | 'activity' | 'other';
  /** Attempts of the pending workflow task. More than one: workers take the task, and it fails. 0: none is pending. */
  readonly workflowTaskAttempts: number;
  /** The worker version that the run is pinned to, if no worker of this version polls. Null: otherwise. */
  readonly missingVersion: string | null;
}

export interface RunProgressReader {
  /**
   * Returns the progress of the open run of a store, or null without one.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE when Temporal does not answer.
   * @throws StoreError ORCHESTRATOR_REJECTED when Temporal rejects the request.
   */
  progressOf(storeId: string): Promise<RunProgress | null>;
}
