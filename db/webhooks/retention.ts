import { and, asc, eq, exists, inArray, isNotNull, lt, not } from 'drizzle-orm';
import type { RetentionQuery } from '../../domain/ports/retention-records.ts';
import type { Transaction } from '../connection/open-db.ts';
import { webhookDeliveries, webhookEndpoints } from '../schema/webhooks.ts';

/** Erases old deliveries, and webhooks that were deleted and have no delivery. Returns the number of deliveries. */
export async function eraseDeliveries(tx: Transaction, { before, limit }: RetentionQuery): Promise<number> {
  const old = await tx
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(lt(webhookDeliveries.createdAt, before))
    .orderBy(asc(webhookDeliveries.createdAt))
    .limit(limit)
    .for('update', { skipLocked: true });
  const ids = old.map(({ id }) => id);
  if (ids.length > 0) await tx.delete(webhookDeliveries).where(inArray(webhookDeliveries.id, ids));
  const left = tx
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.webhookId, webhookEndpoints.id));
  await tx
    .delete(webhookEndpoints)
    .where(and(isNotNull(webhookEndpoints.deletedAt), lt(webhookEndpoints.deletedAt, before), not(exists(left))));
  return ids.length;
}
