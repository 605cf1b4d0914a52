import type { Client } from '@temporalio/client';
import type { WebhookDependencies } from '../activities/webhooks/index.ts';
import { openDb } from '../db/connection/open-db.ts';
import { createDeliveryRecords } from '../db/webhooks/deliveries.ts';
import type { DeliveryRecords } from '../domain/ports/webhook-records.ts';
import { RETRY_DELAYS_MS } from '../domain/webhooks.ts';
import type { Logger } from '../telemetry/logger.ts';
import { ensureWebhookSchedule } from '../temporal/schedules.ts';
import { createWebhookRuns } from '../temporal/webhook-runs.ts';
import { createAddressPolicy } from '../webhooks/address-policy.ts';
import { createSecretBox } from '../webhooks/secrets.ts';
import { createWebhookSender } from '../webhooks/sender.ts';

/** Connections of their own, so that messages never wait for the records of stores, and these never for messages. */
const CONNECTIONS = 2;

const now = (): Date => new Date();

export interface OpenWebhooks {
  readonly activities: WebhookDependencies;
  /** Ends the dispatcher of this worker. Another worker continues at once. */
  stopDispatching(): void;
  close(): Promise<void>;
}

/** Creates what a worker needs to deliver to webhooks, and their schedule. */
export async function openWebhooks(options: {
  readonly secretKey: string;
  readonly allowedNetworks: readonly string[];
  readonly databaseUrl: string;
  readonly client: Client;
  readonly installation: string;
  /** Counts the attempts that the records note. Default: nothing does. */
  readonly countDeliveries?: ((records: DeliveryRecords) => DeliveryRecords) | undefined;
  readonly log: Logger;
}): Promise<OpenWebhooks> {
  const { secretKey, allowedNetworks, databaseUrl, client, installation, log } = options;
  const { countDeliveries = (records) => records } = options;
  const secrets = createSecretBox(secretKey);
  await ensureWebhookSchedule(client, installation);
  const database = openDb({
    databaseUrl,
    poolSize: CONNECTIONS,
    applicationName: 'store-platform worker webhooks',
    log,
  });
  const sender = createWebhookSender({ policy: createAddressPolicy(allowedNetworks), now });
  const stopping = new AbortController();
  return {
    activities: {
      records: countDeliveries(createDeliveryRecords(database.db)),
      runs: createWebhookRuns(client, installation),
      retryDelaysMs: RETRY_DELAYS_MS,
      sender,
      secrets,
      stopping: stopping.signal,
      random: Math.random,
      now,
    },
    stopDispatching: () => stopping.abort(),
    close: async () => {
      await sender.close();
      await database.close();
    },
  };
}
