import { and, eq, inArray, sql } from 'drizzle-orm';
import { StoreError } from '../../domain/failure.ts';
import { sourcesOf, type StoreStatus } from '../../domain/store/status.ts';
import type { Transaction } from '../connection/open-db.ts';
import { oncePerConnection } from '../connection/session.ts';
import { stores } from '../schema/stores.ts';
import { ofTenant } from './of-tenant.ts';
import { withOperations, type StoreRecord } from './record.ts';

/** Columns that a change of a store may set. */
export type StoreColumns = Partial<
  Omit<typeof stores.$inferInsert, 'id' | 'tenantId' | 'status' | 'lastSeq' | 'updatedAt'>
>;

/**
 * Locks the row of a store until the transaction ends.
 *
 * @returns the store, or undefined if the tenant has no such store.
 */
export async function lockStore(
  tx: Transaction,
  { tenantId, storeId }: { readonly tenantId: string; readonly storeId: string },
): Promise<StoreRecord | undefined> {
  const [row] = await selectLocked(tx).execute({ tenantId, storeId });
  return row === undefined ? undefined : withOperations(tx, row);
}

const selectLocked = oncePerConnection((queries) =>
  queries
    .select()
    .from(stores)
    .where(and(eq(stores.id, sql.placeholder('storeId')), ofTenant(stores, sql.placeholder('tenantId'))))
    .for('update')
    .prepare('lock_store'),
);

/**
 * Changes the status of a store and the given columns, by compare-and-set on the statuses that may precede `to`. Only
 * this function changes the status of an existing store.
 *
 * @throws StoreError INVALID_STATE when the store has none of these statuses.
 */
export async function transitionStore(
  tx: Transaction,
  transition: { readonly storeId: string; readonly to: StoreStatus; readonly set?: StoreColumns; readonly now: Date },
): Promise<void> {
  const { storeId, to, set = {}, now } = transition;
  const [changed] = await tx
    .update(stores)
    .set({ ...set, status: to, updatedAt: now })
    .where(and(eq(stores.id, storeId), inArray(stores.status, [...sourcesOf(to)])))
    .returning({ id: stores.id });
  if (changed === undefined) throw invalidState(storeId, `cannot become ${to} now`);
}

/** Changes columns of a store, but not its status. @throws StoreError STORE_NOT_FOUND */
export async function updateStore(
  tx: Transaction,
  change: { readonly storeId: string; readonly set: StoreColumns; readonly now: Date },
): Promise<void> {
  const [updated] = await tx
    .update(stores)
    .set({ ...change.set, updatedAt: change.now })
    .where(eq(stores.id, change.storeId))
    .returning({ id: stores.id });
  if (updated === undefined) throw storeNotFound(change.storeId);
}

export function invalidState(storeId: string, what: string): StoreError {
  return new StoreError('INVALID_STATE', `Store ${storeId} ${what}`);
}

export function storeNotFound(storeId: string): StoreError {
  return new StoreError('STORE_NOT_FOUND', `There is no store ${storeId}`);
}
