import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { listDeliveries, listWebhooks, type Webhook, type WebhookDelivery } from '../../client/index.ts';
import type { CommandContext } from '../context.ts';
import { positiveInteger } from '../numbers.ts';
import { showDeliveries, showDelivery, showSecret, showWebhook, showWebhooks } from './show-webhook.ts';

type Context = () => CommandContext;

const STATES = [
  'pending',
  'retrying',
  'delivered',
  'failed',
  'cancelled',
] as const satisfies readonly WebhookDelivery['state'][];
const WEBHOOK = ['<webhook>', 'id of the webhook'] as const;

/** Creates the commands below `webhooks`. */
export function webhookCommands(context: Context): Command {
  const webhooks = new Command('webhooks').description('send the events of stores to your servers');
  for (const command of [
    listCommand(context),
    createCommand(context),
    getCommand(context),
    deleteCommand(context),
    rotateCommand(context),
    testCommand(context),
    statusCommand(context, 'enable', 'enable a disabled webhook'),
    statusCommand(context, 'disable', 'disable a webhook'),
    deliveriesCommand(context),
    redeliverCommand(context),
  ]) {
    webhooks.addCommand(command);
  }
  return webhooks;
}

function listCommand(context: Context): Command {
  return new Command('list').description('list webhooks').action(async () => {
    const { client, output } = context();
    const found: Webhook[] = [];
    for await (const webhook of listWebhooks(client)) found.push(webhook);
    showWebhooks(output, found);
  });
}

function createCommand(context: Context): Command {
  return new Command('create')
    .description('create a webhook and show its secret')
    .argument('<url>', 'address that gets the events')
    .option('--event <type...>', 'only events of these types')
    .option('--description <text>', 'what the webhook is for')
    .option('--key <key>', 'idempotency key: the same key returns the same webhook (default: a new key)')
    .action(async (url: string, options: CreateOptions) => {
      const { client, output } = context();
      const { data } = await client.POST('/api/webhooks', {
        params: { header: { 'Idempotency-Key': options.key ?? randomUUID() } },
        body: {
          url,
          // The API checks the types.
          ...(options.event === undefined ? {} : { eventTypes: options.event as Webhook['eventTypes'] }),
          ...(options.description === undefined ? {} : { description: options.description }),
        },
      });
      showSecret(output, expected(data));
    });
}

interface CreateOptions {
  readonly event?: readonly string[];
  readonly description?: string;
  readonly key?: string;
}

function getCommand(context: Context): Command {
  return new Command('get')
    .description('show a webhook')
    .argument(...WEBHOOK)
    .action(async (id: string) => {
      const { client, output } = context();
      showWebhook(output, expected((await client.GET('/api/webhooks/{id}', { params: { path: { id } } })).data));
    });
}

function deleteCommand(context: Context): Command {
  return new Command('delete')
    .description('delete a webhook and cancel its open deliveries')
    .argument(...WEBHOOK)
    .action(async (id: string) => {
      const { client, output } = context();
      await client.DELETE('/api/webhooks/{id}', { params: { path: { id } } });
      output.say(`Webhook ${id} is deleted.`);
    });
}

function rotateCommand(context: Context): Command {
  return new Command('rotate-secret')
    .description('create a new secret; the former one signs too for 24 hours')
    .argument(...WEBHOOK)
    .action(async (id: string) => {
      const { client, output } = context();
      const { data } = await client.POST('/api/webhooks/{id}/rotate-secret', {
        params: { path: { id }, header: newKey() },
      });
      showSecret(output, expected(data));
    });
}

function testCommand(context: Context): Command {
  return new Command('test')
    .description('send a message of type ping')
    .argument(...WEBHOOK)
    .action(async (id: string) => {
      const { client, output } = context();
      const { data } = await client.POST('/api/webhooks/{id}/test', { params: { path: { id }, header: newKey() } });
      showDelivery(output, expected(data));
    });
}

function statusCommand(context: Context, action: 'enable' | 'disable', description: string): Command {
  return new Command(action)
    .description(description)
    .argument(...WEBHOOK)
    .action(async (id: string) => {
      const { client, output } = context();
      const { data } = await client.POST(`/api/webhooks/{id}/${action}`, { params: { path: { id } } });
      showWebhook(output, expected(data));
    });
}

function deliveriesCommand(context: Context): Command {
  return new Command('deliveries')
    .description('list the deliveries of a webhook, newest first')
    .argument(...WEBHOOK)
    .addOption(new Option('--state <state>', 'only deliveries in this state').choices(STATES))
    .addOption(new Option('--limit <number>', 'at most this many deliveries').argParser(positiveInteger).default(20))
    .action(
      async (id: string, { state, limit }: { readonly state?: WebhookDelivery['state']; readonly limit: number }) => {
        const { client, output } = context();
        const found: WebhookDelivery[] = [];
        const query = { limit: Math.min(limit, 100), ...(state === undefined ? {} : { state }) };
        for await (const delivery of listDeliveries(client, id, query)) {
          found.push(delivery);
          if (found.length >= limit) break;
        }
        showDeliveries(output, found);
      },
    );
}

function redeliverCommand(context: Context): Command {
  return new Command('redeliver')
    .description('repeat an ended delivery')
    .argument(...WEBHOOK)
    .argument('<delivery>', 'id of the delivery')
    .action(async (id: string, deliveryId: string) => {
      const { client, output } = context();
      const { data } = await client.POST('/api/webhooks/{id}/deliveries/{deliveryId}/redeliver', {
        params: { path: { id, deliveryId }, header: newKey() },
      });
      showDelivery(output, expected(data));
    });
}

/** Returns the header with which the client repeats a request that got no response. */
function newKey() {
  return { 'Idempotency-Key': randomUUID() };
}

function expected<T>(data: T | undefined): T {
  if (data === undefined) throw new Error('The API returned no content.');
  return data;
}
