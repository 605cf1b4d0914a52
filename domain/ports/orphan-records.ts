import type { Orphan, SeenOrphan } from '../orphans.ts';

/** The list of orphans. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface OrphanRecords {
  /**
   * Records that a pass has seen the orphans. Each keeps the time at which it was first seen.
   *
   * @param passBegan Start of the pass. Only the start of another pass is compared with it, so that it may come from
   *   another clock than `now`.
   */
  noteSeen(input: {
    readonly cluster: string;
    readonly orphans: readonly Orphan[];
    readonly graceSeconds: number;
    readonly passBegan: Date;
    readonly now: Date;
  }): Promise<void>;
  /**
   * Forgets orphans of a cluster that no pass has seen since the pass that began at `before`. They no longer exist or are no
   * orphans.
   */
  forgetUnseen(input: { readonly cluster: string; readonly before: Date }): Promise<void>;
  /** Lists orphans of a cluster whose grace period is over, oldest first, at most `limit`. */
  listDue(input: {
    readonly cluster: string;
    readonly now: Date;
    readonly limit: number;
  }): Promise<readonly SeenOrphan[]>;
  forget(uid: string): Promise<void>;
  /** Lists orphans, oldest first. `due` counts those whose grace period is over. */
  list(query: { readonly limit: number; readonly offset: number; readonly now: Date }): Promise<{
    readonly orphans: readonly SeenOrphan[];
    readonly total: number;
    readonly due: number;
  }>;
}
