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
  /** When an operator approved the removal: no limit holds the orphan back. Null: no operator did. */
  readonly approvedAt: Date | null;
}
