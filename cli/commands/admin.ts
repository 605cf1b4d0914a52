import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { listPages, type StorePlatformClient } from '../../client/index.ts';
import type { components } from '../../client/schema.d.ts';
import type { CommandContext } from '../context.ts';
import { positiveInteger } from '../numbers.ts';
import { clusterCommands } from './clusters.ts';
import { offsetPages } from './offset-pages.ts';
import { orphanCommands } from './orphans.ts';
import { scheduleCommands } from './schedules.ts';
import { whilePausedCommand } from './while-paused.ts';
import { confirmByName, dataOf, showRow, showRows, type Columns } from './show-rows.ts';

type Context = () => CommandContext;
type Tenant = components['schemas']['Tenant'];
type Unaccounted = components['schemas']['Unaccounted'];
type Decision = 'adopt' | 'keep' | 'remove';

const TENANT: Columns<Tenant> = {
  ID: ({ tenantId }) => tenantId,
  NAME: ({ name }) => name,
  'MAX STORES': ({ maxStores }) => maxStores?.toString() ?? null,
  'MAX RUNNING': ({ maxRunning }) => maxRunning?.toString() ?? null,
  'REQUESTS/MIN': ({ maxRequestsPerMinute }) => maxRequestsPerMinute?.toString() ?? null,
};

const UNACCOUNTED: Columns<Unaccounted> = {
  NAMESPACE: ({ namespace }) => namespace,
  TENANT: ({ tenantId }) => tenantId,
  STORE: ({ name }) => name,
  DECISION: ({ decision }) => decision,
  PROBLEM: ({ problem }) => problem,
};

const DECISIONS = {
  adopt: 'create the record of the store again',
  keep: 'keep the namespace as it is',
  remove: 'delete the namespace with its data',
} as const satisfies Record<Decision, string>;

/** Creates the commands below `admin`, for operators of the platform. */
export function adminCommands(context: Context): Command {
  const admin = new Command('admin').description('operate the platform');
  admin.addCommand(tenantCommands(context));
  admin.addCommand(unaccountedCommands(context));
  admin.addCommand(removalCommands(context));
  admin.addCommand(clusterCommands(context));
  admin.addCommand(scheduleCommands(context));
  admin.addCommand(whilePausedCommand(context));
  admin.addCommand(orphanCommands(context));
  return admin;
}

function tenantCommands(context: Context): Command {
  const tenants = new Command('tenants').description('create, list and limit tenants');
  tenants
    .command('list')
    .description('list all tenants with their limits')
    .action(async () => {
      const { client, output } = context();
      const rows = listPages((query) => client.GET('/api/admin/tenants', { params: { query } }));
      await showRows(output, rows, TENANT);
    });
  withLimits(tenants.command('create'))
    .description('create a tenant')
    .argument('<tenant>', 'id of the tenant, such as acme')
    .requiredOption('--name <name>', 'name of the tenant')
    .action(async (tenantId: string, { name, ...limits }: { readonly name: string } & Limits) => {
      const { client, output } = context();
      const header = { 'Idempotency-Key': randomUUID() };
      const body = { tenantId, name, ...limitsOf(limits) };
      showRow(output, dataOf(await client.POST('/api/admin/tenants', { params: { header }, body })), TENANT);
    });
  withLimits(tenants.command('set'))
    .description('change the name or the limits of a tenant')
    .argument('<tenant>', 'id of the tenant')
    .option('--name <name>', 'name of the tenant')
    .action(async (id: string, { name, ...limits }: { readonly name?: string } & Limits) => {
      const { client, output } = context();
      const body = { ...limitsOf(limits), ...(name === undefined ? {} : { name }) };
      showRow(
        output,
        dataOf(await client.PATCH('/api/admin/tenants/{id}', { params: { path: { id } }, body })),
        TENANT,
      );
    });
  return tenants;
}

const DEFAULT = 'default';

type Limits = Partial<Record<'maxStores' | 'maxRunning' | 'maxRequestsPerMinute', number | typeof DEFAULT>>;

function withLimits(command: Command): Command {
  return command
    .option('--max-stores <number>', 'stores at once, or "default"', limit)
    .option('--max-running <number>', 'provisions at once, or "default"', limit)
    .option('--max-requests-per-minute <number>', 'requests per minute, or "default"', limit);
}

/** Reads a limit. Commander does not allow null, with which the API removes a limit. */
function limit(text: string): number | typeof DEFAULT {
  return text === DEFAULT ? DEFAULT : positiveInteger(text);
}

/** Returns the fields of a request, with null for a limit that is removed. */
function limitsOf(limits: Limits): { readonly [Field in keyof Limits]: number | null } {
  return Object.fromEntries(Object.entries(limits).map(([field, value]) => [field, value === DEFAULT ? null : value]));
}

function unaccountedCommands(context: Context): Command {
  const unaccounted = new Command('unaccounted').description('namespaces with data whose store has no record');
  unaccounted
    .command('list')
    .description('list the unaccounted namespaces, oldest first')
    .action(async () => {
      const { client, output } = context();
      const rows = offsetPages((query) => client.GET('/api/admin/unaccounted', { params: { query } }));
      await showRows(output, rows, UNACCOUNTED);
    });
  for (const [decision, description] of Object.entries(DECISIONS) as [Decision, string][]) {
    const command = unaccounted.command(decision).description(description).argument('<namespace>');
    if (decision === 'remove') command.option('--yes', 'do not ask');
    command.action(async (namespace: string, options: { readonly yes?: boolean }) => {
      const { client, output } = context();
      if (decision === 'remove' && options.yes !== true) {
        await confirmByName(context(), { what: 'delete it with its data', name: namespace });
      }
      showRow(output, await decide(client, decision, namespace), UNACCOUNTED);
    });
  }
  return unaccounted;
}

async function decide(client: StorePlatformClient, decision: Decision, namespace: string): Promise<Unaccounted> {
  const options = { params: { path: { namespace } } };
  return dataOf(await client.POST(`/api/admin/unaccounted/{namespace}/${decision}`, options));
}

function removalCommands(context: Context): Command {
  const removals = new Command('removals').description('the removals of the reconciler');
  const columns: Columns<components['schemas']['Removals']> = {
    state: ({ state }) => state,
    reason: ({ reason }) => reason,
    since: ({ since }) => since,
  };
  removals
    .command('get')
    .description('show whether the reconciler may remove objects')
    .action(async () => {
      const { client, output } = context();
      showRow(output, dataOf(await client.GET('/api/admin/removals')), columns);
    });
  removals
    .command('resume')
    .description('confirm that the database is the right one, and resume removals')
    .action(async () => {
      const { client, output } = context();
      showRow(output, dataOf(await client.POST('/api/admin/removals/resume')), columns);
    });
  return removals;
}
