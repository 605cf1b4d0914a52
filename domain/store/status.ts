/** Where a store is in its life. The database holds the same list in a check constraint. */
export const STORE_STATUSES = [
  'requested',
  'provisioning',
  'held',
  'ready',
  'failed',
  'cancelled',
  'deleting',
  'deleted',
] as const;
export type StoreStatus = (typeof STORE_STATUSES)[number];

/**
 * For each status, the statuses it may be reached from. This is the only such table: `db/index.ts` turns it into the
 * WHERE clause of a compare-and-set, so two writers can't both win.
 */
const REACHABLE_FROM = {
  requested: [],
  // From `deleting` when a delete is taken back within its undelete window.
  provisioning: ['requested', 'held', 'failed', 'cancelled', 'deleting'],
  // A step failed for good and the store asks for that to be repaired: the run waits there for an operator. It goes back
  // to `provisioning` whatever is decided, also to undo its steps.
  held: ['provisioning'],
  ready: ['provisioning'],
  // `deleting` too: a delete that can't prove absence within its bound says so instead of waiting for ever.
  failed: ['provisioning', 'deleting'],
  cancelled: ['provisioning', 'requested'],
  deleting: ['requested', 'ready', 'failed', 'cancelled', 'provisioning', 'held'],
  deleted: ['deleting'],
} as const satisfies Record<StoreStatus, readonly StoreStatus[]>;

/** Statuses from which a store may move to `to`; empty when `to` is where life begins. */
export function sourcesOf(to: StoreStatus): readonly StoreStatus[] {
  return REACHABLE_FROM[to];
}

/** Whether the life of a store allows the step `from` → `to`. */
export function canTransition(from: StoreStatus, to: StoreStatus): boolean {
  return sourcesOf(to).includes(from);
}

/** A store that counts against its tenant's quota: all but the deleted ones. */
export function isLive(status: StoreStatus): boolean {
  return status !== 'deleted';
}

/** What a provision does when a step fails for good: undo everything, or wait for an operator. */
export const FAILURE_POLICIES = ['cleanup', 'hold'] as const;
export type FailurePolicy = (typeof FAILURE_POLICIES)[number];

/** What becomes of a deleted store's volumes; kept for some days, they go when those are over. */
export type VolumePolicy = 'delete' | 'keep' | { readonly keepForDays: number };

/** How a store is to be deleted. */
export interface DeletePlan {
  /** For how long the delete can be taken back before anything is lost; 0: not at all. */
  readonly undeleteWindowSeconds: number;
  readonly volumes: VolumePolicy;
}
