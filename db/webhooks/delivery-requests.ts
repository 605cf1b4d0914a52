import { and, desc, eq, sql, type SQL } from 'drizzle-orm';
import type { ListPosition } from '../../domain/list-position.ts';
import type { DeliveryRecord, RedeliverResult, WebhookRecords } from '../../domain/ports/webhook-records.ts';
import { PING } from '../../domain/webhooks.ts';
import type { Transaction } from '../connection/open-db.ts';
import { storeEvents } from '../schema/events.ts';
import { webhookDeliveries } from '../schema/webhooks.ts';
import { deliveryOf, pageOf } from './rows.ts';

/** The requests about deliveries of a webhook whose tenant was checked. */

export async function listDeliveries(
  tx: Transaction,
  { webhookId, state, limit, after }: Parameters<WebhookRecords['listDeliveries']>[0],
) {
  const rows = await tx
    .select()
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.webhookId, webhookId),
        state === undefined ? undefined : eq(webhookDeliveries.state, state),
        isAfter(after),
      ),
    )
    .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
    .limit(limit + 1);
  const { page, next } = pageOf(rows, limit);
  return { deliveries: page.map(deliveryOf), next };
}

function isAfter(after: ListPosition | undefined): SQL | undefined {
  if (after === undefined) return undefined;
  const { createdAt, id } = webhookDeliveries;
  return sql`(${createdAt}, ${id}) < (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`;
}

export async function addPing(
  tx: Transaction,
  { tenantId, webhookId, deliveryId, now }: Parameters<WebhookRecords['ping']>[0],
): Promise<DeliveryRecord> {
  const [row] = await tx
    .insert(webhookDeliveries)
    .values({ id: deliveryId, tenantId, webhookId, messageId: `msg_${deliveryId}`, type: PING, createdAt: now })
    .returning();
  if (row === undefined) throw new Error(`the delivery ${deliveryId} was not inserted`);
  return deliveryOf(row);
}

export async function redeliver(
  tx: Transaction,
  { webhookId, deliveryId }: Parameters<WebhookRecords['redeliver']>[0],
): Promise<RedeliverResult> {
  const [row] = await tx
    .select()
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.webhookId, webhookId)))
    .for('update');
  if (row === undefined) return { kind: 'deliveryNotFound' };
  if (row.endedAt === null) return { kind: 'open', delivery: deliveryOf(row) };
  if (row.storeId !== null && !(await hasEvent(tx, row.storeId, row.seq))) return { kind: 'eventErased' };
  const [renewed] = await tx
    .update(webhookDeliveries)
    .set({
      state: 'pending',
      round: sql`${webhookDeliveries.round} + 1`,
      attempts: 0,
      nextAttemptAt: null,
      startedAt: null,
      endedAt: null,
    })
    .where(eq(webhookDeliveries.id, deliveryId))
    .returning();
  if (renewed === undefined) throw new Error(`the delivery ${deliveryId} was not changed`);
  return { kind: 'accepted', delivery: deliveryOf(renewed) };
}

async function hasEvent(tx: Transaction, storeId: string, seq: number | null): Promise<boolean> {
  const found = await tx
    .select({ seq: storeEvents.seq })
    .from(storeEvents)
    .where(and(eq(storeEvents.storeId, storeId), eq(storeEvents.seq, seq ?? 0)));
  return found.length > 0;
}
