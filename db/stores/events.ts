import { and, eq, inArray, sql } from 'drizzle-orm';
import type { StoreStatus } from '../../domain/store/status.ts';
import type { EventType } from '../../domain/store/store.ts';
import { noteChange } from '../connection/changes.ts';
import type { Transaction } from '../connection/open-db.ts';
import { stores } from '../schema/stores.ts';
import type { Step } from '../../domain/operations/catalogue.ts';
import { storeEvents } from '../schema/events.ts';
import { deliveriesOf } from '../webhooks/enqueue.ts';

/** An event without its number. */
export interface EventDraft {
  readonly type: EventType;
  /** Identifies the event: a second event with the same key is not written. Null: the event is always written. */
  readonly dedupeKey: string | null;
  /** Status of the store after the event. */
  readonly status: StoreStatus;
  readonly message: string;
  readonly step?: Step | null;
  /** Facts for callers. They are small and hold no secrets. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface EventContext {
  readonly storeId: string;
  readonly tenantId: string;
  readonly correlationId: string;
  /** The operation that the events are about. Null: they are about none. */
  readonly operationId: string | null;
  readonly now: Date;
}

/**
 * Writes the events that do not exist yet, and returns them. The caller must hold the store's row lock: no other writer
 * can then act between the read of the keys and the write of the events, so there are no gaps and no duplicates.
 */
export async function appendEvents(
  tx: Transaction,
  context: EventContext,
  drafts: readonly EventDraft[],
): Promise<readonly EventDraft[]> {
  const fresh = await withoutKnown(tx, context.storeId, drafts);
  if (fresh.length === 0) return fresh;
  const [numbered] = await tx
    .update(stores)
    .set({ lastSeq: sql`${stores.lastSeq} + ${fresh.length}`, updatedAt: context.now })
    .where(eq(stores.id, context.storeId))
    .returning({ lastSeq: stores.lastSeq });
  if (numbered === undefined) throw new Error(`cannot write events: store ${context.storeId} has no row`);
  const firstSeq = numbered.lastSeq - fresh.length + 1;
  const events = tx
    .insert(storeEvents)
    .values(fresh.map((draft, position) => rowOf(context, draft, firstSeq + position)))
    .returning();
  await tx.execute(sql`with written as ${events} ${deliveriesOf(sql`written`)}`);
  noteChange(tx, context);
  return fresh;
}

function rowOf(context: EventContext, draft: EventDraft, seq: number): typeof storeEvents.$inferInsert {
  return {
    storeId: context.storeId,
    seq,
    tenantId: context.tenantId,
    dedupeKey: draft.dedupeKey,
    type: draft.type,
    step: draft.step ?? null,
    status: draft.status,
    message: draft.message,
    data: draft.data ?? {},
    correlationId: context.correlationId,
    operationId: context.operationId,
    createdAt: context.now,
  };
}

async function withoutKnown(
  tx: Transaction,
  storeId: string,
  drafts: readonly EventDraft[],
): Promise<readonly EventDraft[]> {
  const keys = drafts.flatMap((draft) => draft.dedupeKey ?? []);
  const seen = await knownKeys(tx, storeId, keys);
  return drafts.filter(({ dedupeKey }) => {
    if (dedupeKey === null) return true;
    const isNew = !seen.has(dedupeKey);
    seen.add(dedupeKey);
    return isNew;
  });
}

async function knownKeys(tx: Transaction, storeId: string, keys: readonly string[]): Promise<Set<string | null>> {
  if (keys.length === 0) return new Set();
  const rows = await tx
    .select({ dedupeKey: storeEvents.dedupeKey })
    .from(storeEvents)
    .where(and(eq(storeEvents.storeId, storeId), inArray(storeEvents.dedupeKey, [...keys])));
  return new Set(rows.map((row) => row.dedupeKey));
}

/** Returns whether the store has an event with this dedupe key. */
export async function hasEvent(tx: Transaction, storeId: string, dedupeKey: string): Promise<boolean> {
  return (await knownKeys(tx, storeId, [dedupeKey])).size > 0;
}
