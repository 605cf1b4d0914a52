import { and, asc, eq, isNull, ne } from 'drizzle-orm';
import type { ActivityInput, TenantSlotLimits, TenantSlotResult } from '../../domain/operations/types.ts';
import { updateStore } from '../stores/transition.ts';
import type { Transaction } from '../connection/open-db.ts';
import { isQueued, stores, tenantQuotas } from '../schema/stores.ts';
import { appendEvents } from '../stores/events.ts';
import type { StoreRecord } from '../stores/record.ts';
import { contextOf, lockStoreOf, runKey, runRelation } from './run.ts';

/*
 * A tenant's provisions run some at a time; those beyond wait for their turn. The end of one names the next, whose run is
 * then told. Nobody's place is reserved: whoever asks while there is room gets it, so a run that was lost holds up no other.
 */

/** Makes a provision that has just begun wait, if its tenant has `maxRunning` of them already. */
export async function queueIfFull(
  tx: Transaction,
  record: StoreRecord,
  input: ActivityInput,
  options: TenantSlotLimits & { readonly now: Date },
): Promise<StoreRecord> {
  const { maxRunning, now } = options;
  if (await hasFreeSlot(tx, record, maxRunning)) return record;
  const message = `The provision waits for its turn: ${maxRunning} others are running`;
  const dedupeKey = `${runKey(input.run)}/queued`;
  await appendEvents(tx, contextOf(input, now), [
    { type: 'operation.queued', dedupeKey, status: record.status, message, data: { running: maxRunning } },
  ]);
  return updateStore(tx, { storeId: record.id, set: { queuedSince: now }, now });
}

/** Gives a provision that waits its turn, if there is room by now. A run that does not wait has it already. */
export async function acquireTenantSlot(
  tx: Transaction,
  input: ActivityInput,
  options: TenantSlotLimits & { readonly now: Date },
): Promise<TenantSlotResult> {
  const record = await lockStoreOf(tx, input);
  if (record.queuedSince === null || (await runRelation(tx, record, input.run)) === 'past') return { acquired: true };
  if (!(await hasFreeSlot(tx, record, options.maxRunning))) return { acquired: false };
  await updateStore(tx, { storeId: record.id, set: { queuedSince: null }, now: options.now });
  return { acquired: true };
}

/** The tenant's store that has waited longest. */
export async function longestQueued(tx: Transaction, tenantId: string): Promise<string | undefined> {
  const [first] = await tx
    .select({ id: stores.id })
    .from(stores)
    .where(and(eq(stores.tenantId, tenantId), isQueued(stores)))
    .orderBy(asc(stores.queuedSince), asc(stores.id))
    .limit(1);
  return first?.id;
}

/** Asked under the tenant's lock, so that no two take the same room. */
async function hasFreeSlot(tx: Transaction, { tenantId, id }: StoreRecord, maxRunning: number): Promise<boolean> {
  await tx.select().from(tenantQuotas).where(eq(tenantQuotas.tenantId, tenantId)).for('update');
  const running = await tx
    .select({ id: stores.id })
    .from(stores)
    .where(
      and(
        eq(stores.tenantId, tenantId),
        eq(stores.status, 'provisioning'),
        isNull(stores.operationEndedAt),
        isNull(stores.queuedSince),
        ne(stores.id, id),
      ),
    )
    .limit(maxRunning);
  return running.length < maxRunning;
}
