import type { DatabaseState, RemovalState } from '../removals.ts';

/** The pause of removals as the database records it. */
export interface RecordedPause {
  /** Null: removals are not paused. */
  readonly since: Date | null;
  readonly reason: string | null;
  /** `since` of the pause that an operator has confirmed last. It stays after the pause. */
  readonly confirmed: Date | null;
}

/**
 * The records about the pause of removals. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not
 * answer.
 */
export interface RemovalRecords {
  /** Counts one more check, and returns the state of the database with it. */
  check(): Promise<DatabaseState>;
  read(): Promise<RecordedPause>;
  /** Records the pause that began at `since`. A second call for the same pause changes nothing. */
  pause(input: { readonly since: Date; readonly reason: string }): Promise<void>;
  /** Ends the pause. */
  activate(): Promise<void>;
  /** Returns the state for operators. */
  state(): Promise<RemovalState>;
  /** Records that an operator has confirmed the database. Without a pause, nothing changes. */
  confirm(): Promise<RemovalState>;
}
