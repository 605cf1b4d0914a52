import type { DeliveryRecord, WebhookRecord } from '../../domain/ports/webhook-records.ts';
import { activeSecrets } from '../../domain/webhooks.ts';
import type { Webhook, WebhookDelivery } from '../contract/webhook.ts';

/** Returns a webhook as the API shows it: without its secrets. */
export function toWebhook(record: WebhookRecord, now: Date): Webhook {
  const { id: webhookId, url, eventTypes, description, status, disabledReason } = record;
  return {
    webhookId,
    url,
    eventTypes,
    description,
    status,
    disabledReason,
    failingSince: record.failingSince?.toISOString() ?? null,
    secrets: activeSecrets(record.secrets, now).map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
  };
}

export function toDelivery(record: DeliveryRecord): WebhookDelivery {
  const { id: deliveryId, webhookId, messageId, type, storeId, seq, state, attempts } = record;
  const { lastStatus, lastError, responseSnippet } = record;
  return {
    deliveryId,
    webhookId,
    messageId,
    type,
    storeId,
    seq,
    state,
    attempts,
    lastAttemptAt: record.lastAttemptAt?.toISOString() ?? null,
    lastStatus,
    lastError,
    responseSnippet,
    nextAttemptAt: record.nextAttemptAt?.toISOString() ?? null,
    createdAt: record.createdAt.toISOString(),
    endedAt: record.endedAt?.toISOString() ?? null,
  };
}
