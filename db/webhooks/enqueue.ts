import { type SQL, sql } from 'drizzle-orm';
import { webhookDeliveries, webhookEndpoints } from '../schema/webhooks.ts';

/**
 * Returns the statement that adds one delivery for each written event and each webhook of its tenant that wants it. It is
 * part of the statement that writes the events, so no event is lost and a tenant without webhooks costs one look in an
 * index. Workers start the deliveries.
 *
 * @param written Name of a part of the statement (`with … as`) that returns the written rows of `store_events`.
 */
export function deliveriesOf(written: SQL): SQL {
  return sql`
    insert into ${webhookDeliveries} (id, tenant_id, webhook_id, message_id, type, store_id, seq, created_at)
    select gen_random_uuid(), written.tenant_id, webhook.id, 'msg_' || written.store_id || '_' || written.seq,
      written.type, written.store_id, written.seq, written.created_at
    from ${written} as written
    join ${webhookEndpoints} as webhook on webhook.tenant_id = written.tenant_id and webhook.status = 'enabled'
      and (webhook.event_types is null or written.type = any(webhook.event_types))
    on conflict do nothing`;
}
