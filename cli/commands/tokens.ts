import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { listPages } from '../../client/index.ts';
import type { components, operations } from '../../client/schema.d.ts';
import type { CommandContext } from '../context.ts';
import { positiveInteger } from '../numbers.ts';
import { dataOf, showRow, showRows, type Columns } from './show-rows.ts';

type Context = () => CommandContext;
type Token = components['schemas']['Token'];
type ServiceAccount = components['schemas']['ServiceAccount'];
type TokenBody = operations['createToken']['requestBody']['content']['application/json'];

export const ROLES = ['viewer', 'member', 'admin'] as const;

const TOKEN: Columns<Token> = {
  ID: ({ tokenId }) => tokenId,
  NAME: ({ name }) => name,
  PREFIX: ({ prefix }) => prefix,
  ROLE: ({ role }) => role,
  SCOPES: ({ scopes }) => scopes?.join(',') ?? null,
  EXPIRES: ({ expiresAt }) => expiresAt,
  'LAST USED': ({ lastUsedAt }) => lastUsedAt,
};

const ACCOUNT: Columns<ServiceAccount> = {
  ID: ({ serviceAccountId }) => serviceAccountId,
  NAME: ({ name }) => name,
  ROLE: ({ role }) => role,
  CREATED: ({ createdAt }) => createdAt,
};

/** Creates the commands below `tokens`. */
export function tokenCommands(context: Context): Command {
  const tokens = new Command('tokens').description('create, list and revoke API tokens');
  tokens
    .command('list')
    .description('list your tokens, or those of a service account')
    .option('--service-account <id>', 'id of the service account')
    .action(async (options: { readonly serviceAccount?: string }) => {
      const { client, output } = context();
      const { serviceAccount: serviceAccountId } = options;
      const owner = serviceAccountId === undefined ? {} : { serviceAccountId };
      const rows = listPages((page) => client.GET('/api/tokens', { params: { query: { ...page, ...owner } } }));
      await showRows(output, rows, TOKEN);
    });
  tokens.addCommand(createTokenCommand(context));
  tokens
    .command('delete')
    .description('revoke a token')
    .argument('<token>', 'id of the token')
    .action(async (id: string) => {
      const { client, output } = context();
      await client.DELETE('/api/tokens/{id}', { params: { path: { id } } });
      output.say(`The token ${id} is revoked.`);
    });
  return tokens;
}

function createTokenCommand(context: Context): Command {
  return new Command('create')
    .description('create a token, and write it to standard output')
    .requiredOption('--name <name>', 'name of the token')
    .option('--service-account <id>', 'id of the service account that owns the token (default: you)')
    .addOption(new Option('--role <role>', 'at most this role').choices(ROLES))
    .option('--scope <scope...>', 'only this scope; may be repeated')
    .option('--expires-in-days <days>', 'lifetime of the token (default: 90)', positiveInteger)
    .option('--key <key>', 'idempotency key: the same key returns the same token (default: a new key)')
    .action(async (options) => {
      const { client, output } = context();
      const body: TokenBody = {
        name: options.name,
        ...(options.serviceAccount === undefined ? {} : { serviceAccountId: options.serviceAccount }),
        ...(options.role === undefined ? {} : { role: options.role }),
        ...(options.scope === undefined ? {} : { scopes: options.scope }),
        ...(options.expiresInDays === undefined ? {} : { expiresInDays: options.expiresInDays }),
      };
      const header = { 'Idempotency-Key': options.key ?? randomUUID() };
      const token = dataOf(await client.POST('/api/tokens', { params: { header }, body }));
      output.say('Store the token now. It is not shown again.');
      if (output.isJson) output.json([token]);
      else output.line(token.token);
    });
}

/** Creates the commands below `service-accounts`. */
export function serviceAccountCommands(context: Context): Command {
  const accounts = new Command('service-accounts').description('create, list and delete service accounts');
  accounts
    .command('list')
    .description('list the service accounts of the tenant')
    .action(async () => {
      const { client, output } = context();
      const rows = listPages((query) => client.GET('/api/service-accounts', { params: { query } }));
      await showRows(output, rows, ACCOUNT);
    });
  accounts
    .command('create')
    .description('create a service account')
    .requiredOption('--name <name>', 'name of the service account')
    .addOption(new Option('--role <role>', 'role of the service account').choices(ROLES).default('member'))
    .action(async (body: { readonly name: string; readonly role: ServiceAccount['role'] }) => {
      const { client, output } = context();
      const header = { 'Idempotency-Key': randomUUID() };
      showRow(output, dataOf(await client.POST('/api/service-accounts', { params: { header }, body })), ACCOUNT);
    });
  accounts
    .command('delete')
    .description('delete a service account and end its tokens')
    .argument('<id>', 'id of the service account')
    .action(async (id: string) => {
      const { client, output } = context();
      await client.DELETE('/api/service-accounts/{id}', { params: { path: { id } } });
      output.say(`The service account ${id} is deleted.`);
    });
  return accounts;
}
