/** Statuses of a store. The database has the same list in a check constraint. */
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
 * For each status, the statuses that may precede it. This is the only such table. `db/stores/transition.ts` uses it as
 * the WHERE clause of a compare-and-set, so that only one of two concurrent writers succeeds.
 */
const REACHABLE_FROM = {
  requested: [],
  // From `deleting`: a delete was undone in its undelete window.
  provisioning: ['requested', 'held', 'failed', 'cancelled', 'deleting'],
  // A step failed and its retries are used up, and `onFailure` is `hold`: the run waits for an operator. Every decision
  // changes the status back to `provisioning`, also one that undoes the steps.
  held: ['provisioning'],
  ready: ['provisioning'],
  // From `deleting`: a delete that cannot confirm the absence of all objects in time fails instead of waiting without
  // end.
  failed: ['provisioning', 'deleting'],
  cancelled: ['provisioning', 'requested'],
  deleting: ['requested', 'ready', 'failed', 'cancelled', 'provisioning', 'held'],
  deleted: ['deleting'],
} as const satisfies Record<StoreStatus, readonly StoreStatus[]>;

/** Returns the statuses that may precede `to`. The list is empty for the first status. */
export function sourcesOf(to: StoreStatus): readonly StoreStatus[] {
  return REACHABLE_FROM[to];
}

/** Returns whether the status of a store may change from `from` to `to`. */
export function canTransition(from: StoreStatus, to: StoreStatus): boolean {
  return sourcesOf(to).includes(from);
}

/** Returns whether a store counts against its tenant's quota. All stores do, except deleted ones. */
export function isLive(status: StoreStatus): boolean {
  return status !== 'deleted';
}

/**
 * How a provision reacts when a step has failed and its retries are used up: undo all steps, or wait for an operator.
 */
export const FAILURE_POLICIES = ['cleanup', 'hold'] as const;
export type FailurePolicy = (typeof FAILURE_POLICIES)[number];

/** Whether the volumes of a deleted store are deleted, kept, or kept for a number of days. */
export type VolumePolicy = 'delete' | 'keep' | { readonly keepForDays: number };

/** Options of a delete. */
export interface DeletePlan {
  /** Seconds in which the delete can be undone before data is lost. 0: it cannot be undone. */
  readonly undeleteWindowSeconds: number;
  readonly volumes: VolumePolicy;
}
