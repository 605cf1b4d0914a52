import { and, asc, desc, eq, gt } from 'drizzle-orm';
import type { StoreEvent, TenantEvent } from '../../domain/store/store.ts';
import type { Queries } from '../connection/open-db.ts';
import { storeEvents } from '../schema/events.ts';
import { stores } from '../schema/stores.ts';
import { ofTenant } from './of-tenant.ts';
import { eventOf } from './record.ts';

export interface EventPage<Event = StoreEvent> {
  readonly events: readonly Event[];
  /** Whether later events existed at the time of the read. */
  readonly hasMore: boolean;
}

interface PageQuery {
  readonly tenantId: string;
  /** Only events with a larger number. Default: 0. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/**
 * Returns the events of a store, or of one of its operations, with a `seq` above `after`, oldest first and at most `limit`.
 * Returns undefined for a store of another tenant.
 */
export async function listEvents(
  db: Queries,
  query: PageQuery & { readonly storeId: string; readonly operationId?: string | undefined },
): Promise<EventPage | undefined> {
  const { tenantId, storeId, operationId, after = 0, limit } = query;
  const rows = await db
    .select()
    .from(storeEvents)
    .where(
      and(
        eq(storeEvents.storeId, storeId),
        ofTenant(storeEvents, tenantId),
        operationId === undefined ? undefined : eq(storeEvents.operationId, operationId),
        gt(storeEvents.seq, after),
      ),
    )
    .orderBy(asc(storeEvents.seq))
    .limit(limit + 1);
  if (rows.length === 0 && !(await hasStore(db, query))) return undefined;
  return { events: rows.slice(0, limit).map(eventOf), hasMore: rows.length > limit };
}

/** Returns the events of all stores of a tenant with a `tenantSeq` above `after`, oldest first and at most `limit`. */
export async function listTenantEvents(
  db: Queries,
  { tenantId, after = 0, limit }: PageQuery,
): Promise<EventPage<TenantEvent>> {
  const rows = await db
    .select()
    .from(storeEvents)
    .where(and(ofTenant(storeEvents, tenantId), gt(storeEvents.tenantSeq, after)))
    .orderBy(asc(storeEvents.tenantSeq))
    .limit(limit + 1);
  return { events: rows.slice(0, limit).map(tenantEventOf), hasMore: rows.length > limit };
}

/** Returns the `tenantSeq` of the newest event of a tenant, or 0 without an event. */
export async function lastTenantSeq(db: Queries, tenantId: string): Promise<number> {
  const [newest] = await db
    .select({ tenantSeq: storeEvents.tenantSeq })
    .from(storeEvents)
    .where(ofTenant(storeEvents, tenantId))
    .orderBy(desc(storeEvents.tenantSeq))
    .limit(1);
  return newest?.tenantSeq ?? 0;
}

function tenantEventOf(row: typeof storeEvents.$inferSelect): TenantEvent {
  if (row.tenantSeq === null) throw new Error(`event ${row.seq} of store ${row.storeId} has no number in its tenant`);
  return { ...eventOf(row), storeId: row.storeId, tenantSeq: row.tenantSeq };
}

async function hasStore(
  db: Queries,
  { tenantId, storeId }: { readonly tenantId: string; readonly storeId: string },
): Promise<boolean> {
  const found = await db
    .select({ id: stores.id })
    .from(stores)
    .where(and(eq(stores.id, storeId), ofTenant(stores, tenantId)));
  return found.length > 0;
}
