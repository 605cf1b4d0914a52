import { Command } from 'commander';
import type { components } from '../../client/schema.d.ts';
import type { CommandContext } from '../context.ts';
import { offsetPages } from './offset-pages.ts';
import { confirmByName, dataOf, showRows, type Columns } from './show-rows.ts';

type Orphan = components['schemas']['Orphan'];

const ORPHAN: Columns<Orphan> = {
  UID: ({ uid }) => uid,
  KIND: ({ kind }) => kind,
  NAMESPACE: ({ namespace }) => namespace,
  NAME: ({ name }) => name,
  REASON: ({ reason }) => reason,
  'REMOVED AFTER': ({ removableAfter }) => removableAfter,
  APPROVED: ({ approvedAt }) => approvedAt,
};

/** Creates the commands below `admin orphans`. */
export function orphanCommands(context: () => CommandContext): Command {
  const orphans = new Command('orphans').description('objects in the cluster that belong to no store');
  orphans
    .command('list')
    .description('list the orphans, oldest first')
    .action(async () => {
      const { client, output } = context();
      const rows = offsetPages((query) => client.GET('/api/orphans', { params: { query } }));
      await showRows(output, rows, ORPHAN);
    });
  orphans
    .command('remove')
    .description('approve the removal of orphans, also when the limit holds them back')
    .argument('<uid...>', 'UIDs of orphans, as in the list')
    .option('--yes', 'do not ask')
    .action(async (uids: readonly string[], { yes }: { readonly yes?: boolean }) => {
      const { client, output } = context();
      const what = uids.length === 1 ? 'delete the object' : `delete ${uids.length} objects`;
      if (yes !== true) await confirmByName(context(), { what, name: 'remove' });
      const approved: Orphan[] = [];
      for (const uid of uids) {
        approved.push(dataOf(await client.POST('/api/orphans/{uid}/remove', { params: { path: { uid } } })));
      }
      await showRows(output, approved, ORPHAN);
    });
  return orphans;
}
