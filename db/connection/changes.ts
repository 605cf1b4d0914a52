import type { Database, Transaction } from './database.ts';

/** A store whose events or operations have changed. */
export interface StoreChange {
  readonly storeId: string;
  readonly tenantId: string;
}

type Sink = (change: StoreChange) => void;

// Keyed by the database or the transaction, so that no caller must pass a sink through every function.
const sinks = new WeakMap<object, Sink>();

/** Passes the changes that are noted on a database or a transaction to `sink`. */
export function collectChanges(source: Database | Transaction, sink: Sink): void {
  sinks.set(source, sink);
}

/**
 * Notes a change, so that it is announced after the commit. Writers call it in the transaction that writes. A change that
 * is not noted, or whose announcement is lost, is found by the next read of those who wait for it.
 */
export function noteChange(source: Database | Transaction, change: StoreChange): void {
  sinks.get(source)?.(change);
}
