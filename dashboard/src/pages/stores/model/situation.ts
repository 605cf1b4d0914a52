import type { Store } from '@store-platform/client';

/**
 * Returns whether a store is, for a person who decides about it, as it was before. Other fields may differ, such as the time of the
 * last verification.
 */
export function isSameSituation(before: Store, now: Store): boolean {
  return (
    before.status === now.status &&
    before.operation?.operationId === now.operation?.operationId &&
    before.operation?.status === now.operation?.status &&
    before.failure?.message === now.failure?.message &&
    before.allowedActions.join() === now.allowedActions.join()
  );
}
