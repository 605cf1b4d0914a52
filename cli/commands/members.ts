import { randomUUID } from 'node:crypto';
import { Argument, Command, Option } from 'commander';
import { listPages, type StorePlatformClient } from '../../client/index.ts';
import type { components } from '../../client/schema.d.ts';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../exit-codes.ts';
import { positiveInteger } from '../numbers.ts';
import { confirmByName, dataOf, showRow, showRows, type Columns } from './show-rows.ts';
import { ROLES } from './tokens.ts';

type Context = () => CommandContext;
type Member = components['schemas']['Member'];
type Invitation = components['schemas']['Invitation'];
type Role = Member['role'];

const MEMBER: Columns<Member> = {
  ID: ({ userId }) => userId,
  EMAIL: ({ email }) => email,
  NAME: ({ name }) => name,
  ROLE: ({ role }) => role,
  SINCE: ({ createdAt }) => createdAt,
};

const INVITATION: Columns<Invitation> = {
  ID: ({ invitationId }) => invitationId,
  EMAIL: ({ email }) => email,
  ROLE: ({ role }) => role,
  EXPIRES: ({ expiresAt }) => expiresAt,
};

function membersOf(client: StorePlatformClient): AsyncGenerator<Member> {
  return listPages((query) => client.GET('/api/members', { params: { query } }));
}

/** Returns the member that a person names by the user id or the email address. @throws UsageError */
async function findMember(client: StorePlatformClient, reference: string): Promise<Member> {
  for await (const member of membersOf(client)) {
    if (member.userId === reference || member.email?.toLowerCase() === reference.toLowerCase()) return member;
  }
  throw new UsageError(`The tenant has no member with the id or email address "${reference}".`);
}

/** Creates the commands below `members`. */
export function memberCommands(context: Context): Command {
  const members = new Command('members').description('list, change and remove the members of the tenant');
  members
    .command('list')
    .description('list the members of the tenant')
    .action(async () => {
      const { client, output } = context();
      await showRows(output, membersOf(client), MEMBER);
    });
  members
    .command('set-role')
    .description('change the role of a member')
    .argument('<member>', 'user id or email address')
    .addArgument(new Argument('<role>', 'the new role').choices(ROLES))
    .action(async (reference: string, role: Role) => {
      const { client, output } = context();
      const { userId: id } = await findMember(client, reference);
      showRow(
        output,
        dataOf(await client.PATCH('/api/members/{id}', { params: { path: { id } }, body: { role } })),
        MEMBER,
      );
    });
  members
    .command('remove')
    .description('remove a member from the tenant')
    .argument('<member>', 'user id or email address')
    .option('--yes', 'do not ask')
    .action(async (reference: string, options: { readonly yes?: boolean }) => {
      const { client, output } = context();
      const { userId: id, email } = await findMember(client, reference);
      if (options.yes !== true) await confirmByName(context(), { what: 'remove the member', name: email ?? id });
      await client.DELETE('/api/members/{id}', { params: { path: { id } } });
      output.say(`The member ${email ?? id} is removed.`);
    });
  return members;
}

/** Creates the commands below `invitations`. */
export function invitationCommands(context: Context): Command {
  const invitations = new Command('invitations').description('invite people to the tenant');
  invitations
    .command('list')
    .description('list the open invitations')
    .action(async () => {
      const { client, output } = context();
      const rows = listPages((query) => client.GET('/api/invitations', { params: { query } }));
      await showRows(output, rows, INVITATION);
    });
  invitations
    .command('create')
    .description('create an invitation, and write its link to standard output')
    .option('--email <address>', 'only a person with this address may accept')
    .addOption(new Option('--role <role>', 'role of the new member').choices(ROLES).default('member'))
    .option('--expires-in-days <days>', 'lifetime of the link (default: 7)', positiveInteger)
    .action(async (options: { readonly email?: string; readonly role: Role; readonly expiresInDays?: number }) => {
      const { client, output } = context();
      const header = { 'Idempotency-Key': randomUUID() };
      const created = dataOf(await client.POST('/api/invitations', { params: { header }, body: options }));
      output.say('Send the link to the person. It is not shown again.');
      if (output.isJson) output.json([created]);
      else output.line(created.url);
    });
  invitations
    .command('delete')
    .description('revoke an invitation')
    .argument('<invitation>', 'id of the invitation')
    .action(async (id: string) => {
      const { client, output } = context();
      await client.DELETE('/api/invitations/{id}', { params: { path: { id } } });
      output.say(`The invitation ${id} is revoked.`);
    });
  return invitations;
}

/** Creates the commands below `tenants`. */
export function tenantCommands(context: Context): Command {
  const tenants = new Command('tenants').description('list your tenants');
  tenants
    .command('list')
    .description('list your tenants and your role in each')
    .action(async () => {
      const { client, output } = context();
      const rows = listPages((query) => client.GET('/api/tenants', { params: { query } }));
      await showRows(output, rows, {
        ID: ({ tenantId }) => tenantId,
        NAME: ({ name }) => name,
        ROLE: ({ role }) => role,
      });
    });
  return tenants;
}
