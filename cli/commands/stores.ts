import { randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  followEvents,
  followTenant,
  listStores,
  type Store,
  type StoreEvent,
  type TenantEvent,
} from '../../client/index.ts';
import type { operations } from '../../client/schema.d.ts';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../exit-codes.ts';
import { positiveInteger } from '../numbers.ts';
import { showUntilEnd } from '../wait.ts';
import { clusterLabel } from './clusters.ts';
import { findStore, getStore } from './find-store.ts';
import { showCredentials, showStore, showStores } from './show-store.ts';

type Context = () => CommandContext;
type Query = NonNullable<operations['listStores']['parameters']['query']>;
type Status = Store['status'];
type Action = 'retry' | 'cancel' | 'continue' | 'skip-verification' | 'abort' | 'undelete';

const ENGINES = ['woocommerce', 'medusa'] as const satisfies readonly Store['engine'][];
const STATUSES = [
  ...(['requested', 'provisioning', 'held', 'ready', 'failed'] as const),
  ...(['cancelled', 'deleting', 'deleted'] as const),
] satisfies readonly Status[];
const SORTS = ['-createdAt', 'createdAt', 'name', '-name'] as const;

const ACTIONS = {
  retry: 'repeat the operation that failed or was cancelled',
  cancel: 'cancel the provision and undo its steps',
  continue: 'continue a held provision at its step',
  'skip-verification': 'end a provision that is held at its verification, without the verification',
  abort: 'undo the steps of a held provision',
  undelete: 'undo a delete within its undelete window',
} as const satisfies Record<Action, string>;

/** Creates the commands below `stores`. */
export function storeCommands(context: Context): Command {
  const stores = new Command('stores').description('create, list, watch, repair and delete stores');
  stores.addCommand(createCommand(context));
  stores.addCommand(listCommand(context));
  stores.addCommand(getCommand(context));
  stores.addCommand(watchCommand(context));
  for (const action of Object.keys(ACTIONS) as Action[]) stores.addCommand(actionCommand(context, action));
  stores.addCommand(deleteCommand(context));
  stores.addCommand(openCommand(context));
  stores.addCommand(credentialsCommand(context));
  return stores;
}

function createCommand(context: Context): Command {
  return new Command('create')
    .description('create a store')
    .requiredOption('--name <name>', 'name of the store')
    .addOption(new Option('--engine <engine>', 'engine of the store').choices(ENGINES).makeOptionMandatory())
    .addOption(new Option('--on-failure <policy>', 'what to do when a step fails').choices(['cleanup', 'hold']))
    .option(
      '--volumes <policy>',
      'what a delete does with the volumes: delete, keep, or a number of days',
      volumePolicy,
    )
    .option('--cluster-label <key=value>', 'a label that its cluster must have. Can be repeated', clusterLabel)
    .option('--key <key>', 'idempotency key: the same key returns the same store (default: a new key)')
    .option('--wait', 'wait until the store is ready')
    .action(async (options) => {
      const { client, output } = context();
      const key: string = options.key ?? randomUUID();
      const { data, response } = await client.POST('/api/stores', {
        params: { header: { 'Idempotency-Key': key } },
        body: {
          name: options.name,
          engine: options.engine,
          ...(options.onFailure === undefined ? {} : { onFailure: options.onFailure }),
          ...(options.volumes === undefined ? {} : { volumePolicy: options.volumes }),
          ...(options.clusterLabel === undefined ? {} : { placement: { labels: options.clusterLabel } }),
        },
      });
      if (data === undefined) throw new Error('The API returned no store.');
      const isReplayed = response.headers.get('idempotency-replayed') === 'true';
      output.say(isReplayed ? `Store ${data.slug} exists already.` : `Store ${data.slug} is being created.`);
      await finish(context(), data, options.wait);
    });
}

function listCommand(context: Context): Command {
  return new Command('list')
    .description('list stores')
    .addOption(new Option('--status <status...>', 'only stores in these statuses').choices(STATUSES))
    .addOption(new Option('--engine <engine>', 'only stores of this engine').choices(ENGINES))
    .option('--name <text>', 'only stores whose name contains this text')
    .addOption(new Option('--sort <order>', 'order of the list').choices(SORTS))
    .option('--limit <number>', 'at most this many stores', positiveInteger)
    .action(async (options) => {
      const { client, output } = context();
      const { limit = Infinity, ...filters } = options as Query & { readonly limit?: number };
      const found: Store[] = [];
      for await (const store of listStores(client, { ...filters, limit: Math.min(limit, 100) })) {
        if (output.isJson) output.json([store]);
        found.push(store);
        if (found.length >= limit) break;
      }
      if (!output.isJson) showStores(output, found);
    });
}

function getCommand(context: Context): Command {
  return new Command('get')
    .description('show a store')
    .argument('<store>', 'id, slug or name of the store')
    .action(async (reference: string) => {
      const { client, output } = context();
      showStore(output, await findStore(client, reference));
    });
}

function watchCommand(context: Context): Command {
  return new Command('watch')
    .description('show the events of a store as they happen, until Ctrl-C')
    .argument('[store]', 'id, slug or name of the store (default: all stores)')
    .option('--after <number>', 'only events with a larger number: `seq`, or `tenantSeq` for all stores', Number)
    .action(async (reference: string | undefined, { after = 0 }: { readonly after?: number }) => {
      const { client, output, signal } = context();
      const options = { signal, after };
      const events =
        reference === undefined
          ? followTenant(client, options)
          : followEvents(client, (await findStore(client, reference)).storeId, options);
      for await (const event of events) {
        if (output.isJson) output.json([event]);
        else output.line(lineOf(event));
      }
    });
}

function lineOf(event: StoreEvent | TenantEvent): string {
  const store = 'storeId' in event ? `${event.storeId}  ` : '';
  return `${event.at}  ${store}${event.type.padEnd(20)}  ${event.message}`;
}

function actionCommand(context: Context, action: Action): Command {
  return new Command(action)
    .description(ACTIONS[action])
    .argument('<store>', 'id, slug or name of the store')
    .option('--wait', 'wait until the operation has ended')
    .action(async (reference: string, options: { readonly wait?: boolean }) => {
      const { client, output } = context();
      const { storeId, slug } = await findStore(client, reference);
      const { data } = await client.POST(`/api/stores/{id}/${action}`, { params: { path: { id: storeId } } });
      if (data === undefined) throw new Error('The API returned no store.');
      output.say(`Store ${slug}: ${action} is accepted.`);
      await finish(context(), data, options.wait);
    });
}

function deleteCommand(context: Context): Command {
  return new Command('delete')
    .description('delete a store and everything that belongs to it')
    .argument('<store>', 'id, slug or name of the store')
    .option('--undelete-window <seconds>', 'seconds in which the delete can be undone', Number)
    .option('--volumes <policy>', 'delete, keep, or a number of days', volumePolicy)
    .option('--yes', 'do not ask')
    .option('--wait', 'wait until the store is deleted')
    .action(async (reference: string, options: DeleteOptions) => {
      const { client, output } = context();
      const store = await findStore(client, reference);
      if (options.yes !== true) await confirmDelete(context(), store);
      const { data } = await client.DELETE('/api/stores/{id}', {
        params: { path: { id: store.storeId }, query: deleteQuery(options) },
      });
      if (data === undefined) throw new Error('The API returned no store.');
      output.say(`Store ${store.slug} is being deleted.`);
      await finish(context(), data, options.wait);
    });
}

interface DeleteOptions {
  readonly undeleteWindow?: number;
  readonly volumes?: Store['volumePolicy'];
  readonly yes?: boolean;
  readonly wait?: boolean;
}

function deleteQuery({ undeleteWindow, volumes }: DeleteOptions) {
  return {
    ...(undeleteWindow === undefined ? {} : { undeleteWindowSeconds: undeleteWindow }),
    ...(typeof volumes === 'string' ? { volumePolicy: volumes } : {}),
    ...(typeof volumes === 'object' ? { keepVolumesForDays: volumes.keepForDays } : {}),
  };
}

async function confirmDelete({ ask }: CommandContext, store: Store): Promise<void> {
  if (ask === undefined) throw new UsageError('Confirm the delete with --yes: there is no terminal to ask on.');
  const answer = await ask(`Type the name of the store to delete it (${store.name}): `);
  if (answer.trim() !== store.name) throw new UsageError('The name is different. Nothing was deleted.');
}

function openCommand(context: Context): Command {
  return new Command('open')
    .description('open a store in the browser')
    .argument('<store>', 'id, slug or name of the store')
    .option('--admin', 'open the pages of the merchant')
    .action(async (reference: string, options: { readonly admin?: boolean }) => {
      const { client, output, openUrl } = context();
      const { urls, status, slug } = await findStore(client, reference);
      const url = options.admin === true ? urls.admin : urls.storefront;
      if (url === null) throw new UsageError(`Store ${slug} is ${status}: it has no address yet.`);
      output.line(url);
      await openUrl(url);
    });
}

function credentialsCommand(context: Context): Command {
  return new Command('credentials')
    .description('show the sign-in to the admin pages of a store')
    .argument('<store>', 'id, slug or name of the store')
    .action(async (reference: string) => {
      const { client, output } = context();
      const { storeId } = await findStore(client, reference);
      const { data } = await client.GET('/api/stores/{id}/credentials', { params: { path: { id: storeId } } });
      if (data === undefined) throw new Error('The API returned no credentials.');
      showCredentials(output, data);
    });
}

/** Shows the store of an accepted request. With `--wait`, first waits until the operation ends. */
async function finish(context: CommandContext, accepted: Store, wait: boolean | undefined): Promise<void> {
  const { operation } = accepted;
  if (wait !== true || operation === null) return showStore(context.output, accepted);
  await showUntilEnd(context, operation);
  showStore(context.output, await getStore(context.client, accepted.storeId));
}

function volumePolicy(text: string): Store['volumePolicy'] {
  if (text === 'delete' || text === 'keep') return text;
  if (/^[1-9]\d{0,3}$/.test(text)) return { keepForDays: Number(text) };
  throw new InvalidArgumentError('Give delete, keep or a number of days.');
}
