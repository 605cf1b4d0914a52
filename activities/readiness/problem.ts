import type { FailureCode } from '../../domain/failure.ts';

/** Why a release is not ready. */
export interface Problem {
  readonly code: FailureCode;
  readonly message: string;
  /** `Kind/name` of the object that has the problem. */
  readonly object: string;
  /** Container whose log may have the cause. */
  readonly container?: string;
  /**
   * `final`: waiting can't solve it, because the cause is in the store's own definition. `passing`: its cause is outside
   * the store, such as a node that does not exist yet. It is a warning until the deadline.
   */
  readonly kind: 'final' | 'passing';
}

/** Returns the first result that is not undefined. */
export function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
