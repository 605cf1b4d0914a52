import type { Orphan, SeenOrphan } from '../orphans.ts';

export type ApprovalResult =
  | { readonly kind: 'approved'; readonly orphan: SeenOrphan }
  | { readonly kind: 'notFound' }
  /** The platform never removes the orphan. */
  | { readonly kind: 'notRemovable'; readonly orphan: SeenOrphan };

/** A moment, and how many orphans of a cluster may be due then without an approval. */
interface RemovalLimit {
  readonly cluster: string;
  readonly now: Date;
  readonly maxRemovals: number;
}

/**
 * The list of orphans. An orphan is due when its grace period is over. Every function throws StoreError
 * DATABASE_UNAVAILABLE when Postgres does not answer.
 */
export interface OrphanRecords {
  /**
   * Records that a pass has seen the orphans. Each keeps the time at which it was first seen. An approval stays while the
   * orphan is removable for the same reason.
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
  /**
   * Holds back all orphans of a cluster that are due now if there are more than `maxRemovals`. Many orphans at once suggest one
   * mistake, such as a restored old database or the wrong cluster. A mistake must not remove any store. Each of them is
   * held back until an operator approves its removal or sets a limit of at least their number: fewer due orphans later
   * do not mean that there was no mistake.
   *
   * @returns how many due orphans are held back now, and the oldest of them as examples.
   */
  holdBack(limit: RemovalLimit): Promise<{ readonly heldBack: number; readonly examples: readonly SeenOrphan[] }>;
  /** Lists the due orphans that are approved or not held back, oldest first. */
  listRemovable(limit: RemovalLimit): Promise<readonly SeenOrphan[]>;
  countDue(query: Omit<RemovalLimit, 'maxRemovals'>): Promise<number>;
  /** Approves the removal of an orphan. A repeated approval changes nothing. */
  approve(input: { readonly uid: string; readonly now: Date }): Promise<ApprovalResult>;
  forget(uid: string): Promise<void>;
  /** Lists orphans, oldest first. Counts those that are due, and those of them that are or will be held back. */
  list(query: Omit<RemovalLimit, 'cluster'> & { readonly limit: number; readonly offset: number }): Promise<{
    readonly orphans: readonly SeenOrphan[];
    readonly total: number;
    readonly due: number;
    readonly heldBack: number;
  }>;
}
