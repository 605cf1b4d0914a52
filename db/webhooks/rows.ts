import type { ListPosition } from '../../domain/list-position.ts';
import type { DeliveryRecord, WebhookRecord } from '../../domain/ports/webhook-records.ts';
import type { webhookDeliveries, webhookEndpoints } from '../schema/webhooks.ts';

type WebhookRow = typeof webhookEndpoints.$inferSelect;
type DeliveryRow = typeof webhookDeliveries.$inferSelect;

export function webhookOf(row: WebhookRow): WebhookRecord {
  const { deletedAt: _deleted, ...webhook } = row;
  return webhook;
}

export function deliveryOf({ startedAt: _started, ...delivery }: DeliveryRow): DeliveryRecord {
  return delivery;
}

/** Divides rows into a page of `limit` rows and the position of the next page. The query must read one row more. */
export function pageOf<Row extends ListPosition>(
  rows: readonly Row[],
  limit: number,
): { readonly page: readonly Row[]; readonly next: ListPosition | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = rows.length > limit && last !== undefined ? { createdAt: last.createdAt, id: last.id } : null;
  return { page, next };
}
