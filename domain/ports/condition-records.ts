import type { ConditionReport } from '../store/conditions.ts';

export interface SetConditionInput {
  readonly storeId: string;
  /**
   * Writes the condition only while this run has the store's current operation and has not ended it. Missing: whenever the
   * store is not deleted.
   */
  readonly runId?: string;
  readonly condition: ConditionReport;
}

/** The conditions of stores. Throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface ConditionRecords {
  /**
   * Sets a condition (status `True`) or clears it (status `False`). A second call with the same report writes nothing.
   * Writes an event when the status or the reason changes. Every write changes `updatedAt` of the store.
   *
   * @returns whether it wrote something. False also for a store without a record.
   */
  setCondition(input: SetConditionInput, now: Date): Promise<boolean>;
}
