import type { StoreTarget } from '../../domain/operations/types.ts';
import type { StoreCheck } from '../../domain/store/store.ts';

export interface CheckDependencies {
  readonly listServed: (query: {
    readonly limit: number;
    readonly after: string | null;
  }) => Promise<readonly StoreTarget[]>;
  readonly recordCheck: (
    input: { readonly store: StoreTarget; readonly check: StoreCheck },
    now: Date,
  ) => Promise<boolean>;
  readonly now: () => Date;
}

/** The records' side of the hourly check. */
export function createCheckActivities(deps: CheckDependencies) {
  /** One page of what there is to check. Safe to repeat: it only reads. */
  async function listServed(page: { readonly limit: number; readonly after: string | null }) {
    return { stores: await deps.listServed(page) };
  }

  /** Safe to repeat: the same outcome twice is one event. */
  async function recordCheck(input: { readonly store: StoreTarget; readonly check: StoreCheck }) {
    return { recorded: await deps.recordCheck(input, deps.now()) };
  }

  return { listServed, recordCheck };
}
