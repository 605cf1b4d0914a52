import type { Orphan, SeenOrphan } from '../orphans.ts';

/** The list of orphans. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface OrphanRecords {
  /** Records that the orphans exist now. Each keeps the time at which it was first seen. */
  noteSeen(input: {
    readonly orphans: readonly Orphan[];
    readonly graceSeconds: number;
    readonly now: Date;
  }): Promise<void>;
  /**
   * Forgets orphans that were last seen before `before`, the start of a pass. They no longer exist or are no orphans.
   */
  forgetUnseen(input: { readonly before: Date }): Promise<void>;
  /** Lists orphans whose grace period is over, oldest first, at most `limit`. */
  listDue(input: { readonly now: Date; readonly limit: number }): Promise<readonly SeenOrphan[]>;
  forget(uid: string): Promise<void>;
  /** Lists orphans, oldest first. `due` counts those whose grace period is over. */
  list(query: { readonly limit: number; readonly offset: number; readonly now: Date }): Promise<{
    readonly orphans: readonly SeenOrphan[];
    readonly total: number;
    readonly due: number;
  }>;
}
