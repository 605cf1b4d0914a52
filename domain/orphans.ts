/** Kinds of objects that a store may leave behind. */
export const ORPHAN_KINDS = ['Namespace', 'PersistentVolume', 'Secret'] as const;
export type OrphanKind = (typeof ORPHAN_KINDS)[number];

/** An object in the cluster that belongs to no existing store. */
export interface Orphan {
  readonly kind: OrphanKind;
  readonly name: string;
  /** Null for objects of the cluster, which have no namespace. */
  readonly namespace: string | null;
  readonly uid: string;
  /** The store id in the object's label. Null: the object has no such label. */
  readonly storeId: string | null;
  /** Why the object is an orphan: one clause, shown to operators. */
  readonly reason: string;
  /** False: the object is listed only, and an operator decides whether to remove it. */
  readonly isRemovable: boolean;
}

export interface SeenOrphan extends Omit<Orphan, 'isRemovable'> {
  readonly cluster: string;
  readonly firstSeen: Date;
  /** Null: the platform never removes it. */
  readonly removableAfter: Date | null;
}

/**
 * Selects the orphans to remove now: all of `due`, or none if there are more than `limit`. Many orphans at once suggest
 * one mistake, such as a restored old database or the wrong cluster. A mistake must not remove any store.
 */
export function guardRemovals<T>(
  due: readonly T[],
  limit: number,
): { readonly remove: readonly T[]; readonly heldBack: number } {
  return due.length > limit ? { remove: [], heldBack: due.length } : { remove: due, heldBack: 0 };
}
