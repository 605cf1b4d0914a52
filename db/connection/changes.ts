import type { TenantAccess, Transaction } from './database.ts';

/** A store whose events or operations have changed. */
export interface StoreChange {
  readonly storeId: string;
  readonly tenantId: string;
}

/** Receives changes after their commit. */
export type OnCommit = (changes: readonly StoreChange[]) => void;

type Source = Transaction | TenantAccess;

// Keyed by the transaction, so that no caller must pass a sink through every function.
const sinks = new WeakMap<Source, (change: StoreChange) => void>();

/** Passes the changes that are noted on a transaction, or on the access of tenants, to `sink`. */
export function collectChanges(source: Source, sink: (change: StoreChange) => void): void {
  sinks.set(source, sink);
}

/**
 * Notes a change, so that it is announced after the commit. Writers call it in the transaction that writes. A change that
 * is not noted, or whose announcement is lost, is found by the next read of those who wait for it.
 */
export function noteChange(source: Source, change: StoreChange): void {
  sinks.get(source)?.(change);
}

/** Runs a transaction, and passes the changes that `work` has noted to `onCommit` after the commit. */
export async function announcing<Result>(
  work: (tx: Transaction) => Promise<Result>,
  onCommit: OnCommit,
  run: (work: (tx: Transaction) => Promise<Result>) => Promise<Result>,
): Promise<Result> {
  const changes: StoreChange[] = [];
  const result = await run((tx) => {
    collectChanges(tx, (change) => void changes.push(change));
    return work(tx);
  });
  onCommit(changes);
  return result;
}
