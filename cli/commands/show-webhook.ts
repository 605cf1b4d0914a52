import type { Webhook, WebhookDelivery, WebhookWithSecret } from '../../client/index.ts';
import type { Output } from '../output/output.ts';

/** Shows one webhook. */
export function showWebhook(output: Output, webhook: Webhook): void {
  if (output.isJson) return output.json([webhook]);
  output.fields(fieldsOf(webhook));
}

/** Shows one webhook with its new secret. */
export function showSecret(output: Output, webhook: WebhookWithSecret): void {
  if (output.isJson) return output.json([webhook]);
  output.fields([...fieldsOf(webhook), ['secret', webhook.secret]]);
  output.say('Store the secret now: it is not shown again.');
}

function fieldsOf(webhook: Webhook): readonly (readonly [string, string])[] {
  const { webhookId, url, description, status, disabledReason, failingSince, createdAt } = webhook;
  return [
    ['id', webhookId],
    ['url', url],
    ['events', typesOf(webhook)],
    ...pair('description', description === '' ? null : description),
    ['status', disabledReason === null ? status : `${status} (${disabledReason})`],
    ...pair('failing since', failingSince),
    ['created', createdAt],
  ];
}

function typesOf({ eventTypes }: Webhook): string {
  return eventTypes === null ? 'all' : eventTypes.join(', ');
}

/** Shows webhooks as a table. */
export function showWebhooks(output: Output, webhooks: readonly Webhook[]): void {
  if (output.isJson) return output.json(webhooks);
  if (webhooks.length === 0) return output.say('No webhooks.');
  output.table(
    ['ID', 'URL', 'EVENTS', 'STATUS', 'CREATED'],
    webhooks.map((webhook) => [webhook.webhookId, webhook.url, typesOf(webhook), webhook.status, webhook.createdAt]),
  );
}

/** Shows one delivery. */
export function showDelivery(output: Output, delivery: WebhookDelivery): void {
  if (output.isJson) return output.json([delivery]);
  output.fields([
    ['id', delivery.deliveryId],
    ['message', delivery.messageId],
    ['type', delivery.type],
    ['state', delivery.state],
    ['attempts', String(delivery.attempts)],
    ...pair('error', delivery.lastError),
    ['created', delivery.createdAt],
  ]);
}

/** Shows deliveries as a table. */
export function showDeliveries(output: Output, deliveries: readonly WebhookDelivery[]): void {
  if (output.isJson) return output.json(deliveries);
  if (deliveries.length === 0) return output.say('No deliveries.');
  output.table(
    ['ID', 'TYPE', 'STATE', 'ATTEMPTS', 'STATUS', 'ERROR', 'NEXT ATTEMPT', 'CREATED'],
    deliveries.map(({ deliveryId, type, state, attempts, lastStatus, lastError, nextAttemptAt, createdAt }) => [
      deliveryId,
      type,
      state,
      String(attempts),
      lastStatus === null ? '' : String(lastStatus),
      lastError ?? '',
      nextAttemptAt ?? '',
      createdAt,
    ]),
  );
}

function pair(name: string, value: string | null): readonly (readonly [string, string])[] {
  return value === null ? [] : [[name, value]];
}
