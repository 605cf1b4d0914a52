import { randomUUID } from 'node:crypto';
import { createWebhookService, type WebhookService } from '../../../api/webhooks/service.ts';
import type { Database } from '../../../db/connection/open-db.ts';
import { createWebhookRecords } from '../../../db/webhooks/webhooks.ts';
import { createAddressPolicy } from '../../../webhooks/address-policy.ts';
import { createSecretBox } from '../../../webhooks/secrets.ts';
import { openWebhooks, type OpenWebhooks } from '../../../worker/webhooks.ts';

/** Settings of processes that send webhooks to receivers on this machine. */
export const TEST_WEBHOOK_ENV = {
  WEBHOOK_SECRET_KEY: Buffer.alloc(32, 'k').toString('base64'),
  WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
} as const;

const ALLOWED_NETWORKS = [TEST_WEBHOOK_ENV.WEBHOOK_ALLOWED_NETWORKS];

export function testWebhookService(db: Database, now: () => Date): WebhookService {
  return createWebhookService({
    records: createWebhookRecords(db),
    secrets: createSecretBox(TEST_WEBHOOK_ENV.WEBHOOK_SECRET_KEY),
    policy: createAddressPolicy(ALLOWED_NETWORKS),
    newId: randomUUID,
    now,
  });
}

/** Opens the part of a worker that delivers, with a plan of its own for the attempts. */
export async function openTestWebhooks({
  retryDelaysMs,
  ...options
}: Pick<Parameters<typeof openWebhooks>[0], 'databaseUrl' | 'client' | 'installation' | 'log'> & {
  readonly retryDelaysMs: readonly number[];
}): Promise<OpenWebhooks> {
  const opened = await openWebhooks({
    ...options,
    secretKey: TEST_WEBHOOK_ENV.WEBHOOK_SECRET_KEY,
    allowedNetworks: ALLOWED_NETWORKS,
  });
  return { ...opened, activities: { ...opened.activities, retryDelaysMs } };
}
