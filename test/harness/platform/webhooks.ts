import { randomUUID } from 'node:crypto';
import { createWebhookService, type WebhookService } from '../../../api/webhooks/service.ts';
import { createAddressPolicy } from '../../../webhooks/address-policy.ts';
import { createSecretBox } from '../../../webhooks/secrets.ts';
import { openWebhooks, type OpenWebhooks } from '../../../worker/webhooks.ts';
import type { FakeWebhookRecords } from '../../fakes/fake-webhook-records.ts';

/** Settings of processes that send webhooks to receivers on this machine. */
export const TEST_WEBHOOK_ENV = {
  WEBHOOK_SECRET_KEY: Buffer.alloc(32, 'k').toString('base64'),
  WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
} as const;

/** The same settings as the configuration returns them. */
export const testWebhookSettings = {
  ...TEST_WEBHOOK_ENV,
  WEBHOOK_ALLOWED_NETWORKS: [TEST_WEBHOOK_ENV.WEBHOOK_ALLOWED_NETWORKS],
};

/** The service over records in memory. The only host names that have an address are `receiver.example` and `internal.example`. */
export function fakeWebhookService(records: FakeWebhookRecords): WebhookService {
  const addresses: Readonly<Record<string, string>> = {
    'receiver.example': '93.184.215.14',
    'internal.example': '10.0.0.7',
  };
  return createWebhookService({
    records,
    secrets: createSecretBox(TEST_WEBHOOK_ENV.WEBHOOK_SECRET_KEY),
    policy: createAddressPolicy([], async (hostname) =>
      [addresses[hostname]].filter((address) => address !== undefined),
    ),
    newId: randomUUID,
    now: () => new Date(),
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
    allowedNetworks: testWebhookSettings.WEBHOOK_ALLOWED_NETWORKS,
  });
  return { ...opened, activities: { ...opened.activities, retryDelaysMs } };
}
