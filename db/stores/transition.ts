import { and, eq, inArray } from 'drizzle-orm';
import { StoreError } from '../../domain/failure.ts';
import { sourcesOf, type StoreStatus } from '../../domain/store/status.ts';
import type { Transaction } from '../connection/open-db.ts';
import { stores } from '../schema/stores.ts';
import type { StoreRecord } from './record.ts';

/** What a change of a store may set. */
export type StoreColumns = Partial<
  Omit<typeof stores.$inferInsert, 'id' | 'tenantId' | 'status' | 'lastSeq' | 'updatedAt'>
>;

/** The store under its row lock, which is held until the transaction ends; undefined when the tenant has no such store. */
export async function lockStore(
  tx: Transaction,
  { tenantId, storeId }: { readonly tenantId: string; readonly storeId: string },
): Promise<StoreRecord | undefined> {
  const [record] = await tx
    .select()
    .from(stores)
    .where(and(eq(stores.id, storeId), eq(stores.tenantId, tenantId)))
    .for('update');
  return record;
}

/**
 * The only writer of a status after the first: a compare-and-set on the statuses that may come before `to`, together
 * with the columns that go with the move.
 *
 * @throws StoreError INVALID_STATE when the store is in none of them.
 */
export async function transitionStore(
  tx: Transaction,
  move: { readonly storeId: string; readonly to: StoreStatus; readonly set: StoreColumns; readonly now: Date },
): Promise<StoreRecord> {
  const { storeId, to, now } = move;
  const [moved] = await tx
    .update(stores)
    .set({ ...move.set, status: to, updatedAt: now })
    .where(and(eq(stores.id, storeId), inArray(stores.status, [...sourcesOf(to)])))
    .returning();
  if (moved === undefined) throw invalidState(storeId, `can't become ${to} now`);
  return moved;
}

/** Changes columns of a store and leaves its status alone. */
export async function updateStore(
  tx: Transaction,
  change: { readonly storeId: string; readonly set: StoreColumns; readonly now: Date },
): Promise<StoreRecord> {
  const [updated] = await tx
    .update(stores)
    .set({ ...change.set, updatedAt: change.now })
    .where(eq(stores.id, change.storeId))
    .returning();
  if (updated === undefined) throw storeNotFound(change.storeId);
  return updated;
}

export function invalidState(storeId: string, what: string): StoreError {
  return new StoreError('INVALID_STATE', `Store ${storeId} ${what}`);
}

export function storeNotFound(storeId: string): StoreError {
  return new StoreError('STORE_NOT_FOUND', `There is no store ${storeId}`);
}
