import type { Orphan, SeenOrphan } from '../orphans.ts';

/** The list of orphans. Every verb throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface OrphanRecords {
  /** Notes orphans as seen now; each keeps the time at which it was first seen. */
  noteSeen(input: {
    readonly orphans: readonly Orphan[];
    readonly graceSeconds: number;
    readonly now: Date;
  }): Promise<void>;
  /** Forgets those that the pass which began at `before` has not seen: they are gone, or orphans no more. */
  forgetUnseen(input: { readonly before: Date }): Promise<void>;
  /** Those whose grace is over, oldest first, at most `limit`. */
  listDue(input: { readonly now: Date; readonly limit: number }): Promise<readonly SeenOrphan[]>;
  forget(uid: string): Promise<void>;
  /** Oldest first. `due` counts those whose grace is over. */
  list(query: { readonly limit: number; readonly offset: number; readonly now: Date }): Promise<{
    readonly orphans: readonly SeenOrphan[];
    readonly total: number;
    readonly due: number;
  }>;
}
