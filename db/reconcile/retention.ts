import { and, asc, eq, exists, inArray, isNull, lt, not, sql } from 'drizzle-orm';
import type { RetentionQuery, RetentionRecords } from '../../domain/ports/retention-records.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database, Queries, Transaction } from '../connection/open-db.ts';
import { auditLog } from '../schema/audit.ts';
import { storeEvents } from '../schema/events.ts';
import { operations } from '../schema/operations.ts';
import { orphans } from '../schema/orphans.ts';
import { stores } from '../schema/stores.ts';
import { eraseDeliveries } from '../webhooks/retention.ts';

/** Creates the records of retention on a database. */
export function createRetentionRecords(db: Database): RetentionRecords {
  return translatingConnectionErrors({
    eraseDeletedStores: (query) => db.transaction((tx) => eraseDeletedStores(tx, query)),
    eraseOldEvents: (query) => db.transaction((tx) => eraseOldEvents(tx, query)),
    eraseDeliveries: (query) => db.transaction((tx) => eraseDeliveries(tx, query)),
    eraseOldAuditEntries: (query) => eraseOldAuditEntries(db, query),
  });
}

async function eraseDeletedStores(
  tx: Transaction,
  { cluster, before, limit }: Parameters<RetentionRecords['eraseDeletedStores']>[0],
): Promise<number> {
  const objects = tx
    .select({ uid: orphans.uid })
    .from(orphans)
    .where(eq(orphans.storeId, sql`${stores.id}::text`));
  const expired = await tx
    .select({ id: stores.id })
    .from(stores)
    // The literal lets the planner use the partial index.
    .where(
      and(
        sql`${stores.status} = 'deleted'`,
        eq(stores.cluster, cluster),
        lt(stores.deletedAt, before),
        not(exists(objects)),
      ),
    )
    .orderBy(asc(stores.deletedAt))
    .limit(limit)
    // A row that another transaction has locked is erased by a later pass.
    .for('update', { skipLocked: true });
  const ids = expired.map(({ id }) => id);
  if (ids.length === 0) return 0;
  await tx.delete(storeEvents).where(inArray(storeEvents.storeId, ids));
  await tx.delete(operations).where(inArray(operations.storeId, ids));
  await tx.delete(stores).where(inArray(stores.id, ids));
  return ids.length;
}

async function eraseOldEvents(tx: Transaction, { before, limit }: RetentionQuery): Promise<number> {
  // The dedupe keys of an open operation must stay: a repeated activity would write its events again.
  const open = tx
    .select({ id: operations.id })
    .from(operations)
    .where(and(eq(operations.storeId, storeEvents.storeId), isNull(operations.endedAt)));
  const old = await tx
    .select({ storeId: storeEvents.storeId, seq: storeEvents.seq })
    .from(storeEvents)
    .where(and(lt(storeEvents.createdAt, before), not(exists(open))))
    .orderBy(asc(storeEvents.createdAt))
    .limit(limit)
    .for('update', { skipLocked: true });
  if (old.length === 0) return 0;
  const keys = old.map(({ storeId, seq }) => sql`(${storeId}::uuid, ${seq}::integer)`);
  await tx.delete(storeEvents).where(sql`(${storeEvents.storeId}, ${storeEvents.seq}) in (${sql.join(keys, sql`, `)})`);
  return old.length;
}

async function eraseOldAuditEntries(queries: Queries, { before, limit }: RetentionQuery): Promise<number> {
  const old = queries
    .select({ id: auditLog.id })
    .from(auditLog)
    .where(lt(auditLog.at, before))
    .orderBy(asc(auditLog.at))
    .limit(limit);
  const { rowCount } = await queries.delete(auditLog).where(inArray(auditLog.id, old));
  return rowCount ?? 0;
}
