import { randomUUID } from 'node:crypto';
import type { Config } from '../../config/index.ts';
import type { Database } from '../../db/connection/open-db.ts';
import { createWebhookRecords } from '../../db/webhooks/webhooks.ts';
import { createAddressPolicy } from '../../webhooks/address-policy.ts';
import { createSecretBox } from '../../webhooks/secrets.ts';
import { createWebhookService, type WebhookService } from './service.ts';

/** Creates the service of webhooks from the settings. Undefined: webhooks are off, because there is no key for the secrets. */
export function openWebhookService(
  settings: Pick<Config, 'WEBHOOK_SECRET_KEY' | 'WEBHOOK_ALLOWED_NETWORKS'>,
  db: Database,
): WebhookService | undefined {
  if (settings.WEBHOOK_SECRET_KEY === undefined) return undefined;
  return createWebhookService({
    records: createWebhookRecords(db),
    secrets: createSecretBox(settings.WEBHOOK_SECRET_KEY),
    policy: createAddressPolicy(settings.WEBHOOK_ALLOWED_NETWORKS),
    newId: randomUUID,
    now: () => new Date(),
  });
}
