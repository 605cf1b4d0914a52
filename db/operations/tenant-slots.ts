import { and, asc, eq, isNull, ne } from 'drizzle-orm';
import type { ActivityInput, TurnBounds, TurnOutcome } from '../../domain/operations/types.ts';
import { updateStore } from '../stores/transition.ts';
import type { Transaction } from '../connection/open-db.ts';
import { isWaiting, stores, tenantQuotas } from '../schema/stores.ts';
import { appendEvents } from '../stores/events.ts';
import type { StoreRecord } from '../stores/record.ts';
import { contextOf, lockStoreOf, runKey, standingOf } from './run.ts';

/*
 * A tenant's provisions run some at a time; those beyond wait for their turn. The end of one names the next, whose run is
 * then told. Nobody's place is reserved: whoever asks while there is room gets it, so a run that was lost holds up no other.
 */

/** Makes a provision that has just begun wait, if its tenant has `maxRunning` of them already. */
export async function queueIfCrowded(
  tx: Transaction,
  record: StoreRecord,
  input: ActivityInput,
  options: TurnBounds & { readonly now: Date },
): Promise<StoreRecord> {
  const { maxRunning, now } = options;
  if (await hasRoom(tx, record, maxRunning)) return record;
  const message = `The provision waits for its turn: ${maxRunning} others are running`;
  const dedupeKey = `${runKey(input.run)}/queued`;
  await appendEvents(tx, contextOf(input, now), [
    { type: 'operation.queued', dedupeKey, status: record.status, message, data: { running: maxRunning } },
  ]);
  return updateStore(tx, { storeId: record.id, set: { waitingSince: now }, now });
}

/** Gives a provision that waits its turn, if there is room by now. A run that does not wait has it already. */
export async function takeTurn(
  tx: Transaction,
  input: ActivityInput,
  options: TurnBounds & { readonly now: Date },
): Promise<TurnOutcome> {
  const record = await lockStoreOf(tx, input);
  if (record.waitingSince === null || (await standingOf(tx, record, input.run)) === 'past') return { given: true };
  if (!(await hasRoom(tx, record, options.maxRunning))) return { given: false };
  await updateStore(tx, { storeId: record.id, set: { waitingSince: null }, now: options.now });
  return { given: true };
}

/** The tenant's store that has waited longest. */
export async function longestWaiting(tx: Transaction, tenantId: string): Promise<string | undefined> {
  const [first] = await tx
    .select({ id: stores.id })
    .from(stores)
    .where(and(eq(stores.tenantId, tenantId), isWaiting(stores)))
    .orderBy(asc(stores.waitingSince), asc(stores.id))
    .limit(1);
  return first?.id;
}

/** Asked under the tenant's lock, so that no two take the same room. */
async function hasRoom(tx: Transaction, { tenantId, id }: StoreRecord, maxRunning: number): Promise<boolean> {
  await tx.select().from(tenantQuotas).where(eq(tenantQuotas.tenantId, tenantId)).for('update');
  const running = await tx
    .select({ id: stores.id })
    .from(stores)
    .where(
      and(
        eq(stores.tenantId, tenantId),
        eq(stores.status, 'provisioning'),
        isNull(stores.operationEndedAt),
        isNull(stores.waitingSince),
        ne(stores.id, id),
      ),
    )
    .limit(maxRunning);
  return running.length < maxRunning;
}
