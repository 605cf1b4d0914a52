/** Kinds of objects that a store may leave behind. */
export const ORPHAN_KINDS = ['Namespace', 'PersistentVolume', 'Secret'] as const;
export type OrphanKind = (typeof ORPHAN_KINDS)[number];

/** An object in the cluster that no living store accounts for. */
export interface Orphan {
  readonly kind: OrphanKind;
  readonly name: string;
  /** Null for objects that are in none. */
  readonly namespace: string | null;
  readonly uid: string;
  /** The store it says it belongs to. */
  readonly storeId: string | null;
  /** One clause for people. */
  readonly reason: string;
  /** False: it is listed, and whether it goes is for a person to decide. */
  readonly isRemovable: boolean;
}

export interface SeenOrphan extends Omit<Orphan, 'isRemovable'> {
  readonly firstSeen: Date;
  /** Null: never by itself. */
  readonly removableAfter: Date | null;
}

/**
 * Which of the due orphans go now: all, or none when there are more than `limit`. Many orphans at once are less likely
 * many accidents than one mistake, such as an old database or another's cluster, and a mistake must not cost any store.
 */
export function guardRemovals<T>(
  due: readonly T[],
  limit: number,
): { readonly remove: readonly T[]; readonly heldBack: number } {
  return due.length > limit ? { remove: [], heldBack: due.length } : { remove: due, heldBack: 0 };
}
