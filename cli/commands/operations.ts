import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { showUntilEnd } from '../wait.ts';
import { findStore } from './find-store.ts';
import { showOperation, showOperations } from './show-store.ts';

/** Creates the commands below `operations`. */
export function operationCommands(context: () => CommandContext): Command {
  const operations = new Command('operations').description('list and watch the operations of a store');
  operations
    .command('list')
    .description('list the operations of a store, newest first')
    .argument('<store>', 'id, slug or name of the store')
    .action(async (reference: string) => {
      const { client, output } = context();
      const { storeId } = await findStore(client, reference);
      const { data } = await client.GET('/api/stores/{id}/operations', {
        params: { path: { id: storeId }, query: { limit: 100 } },
      });
      showOperations(output, data?.data ?? []);
    });
  operations
    .command('get')
    .description('show an operation')
    .argument('<operation>', 'id of the operation')
    .option('--wait', 'wait until the operation has ended')
    .action(async (operationId: string, options: { readonly wait?: boolean }) => {
      const { client, output } = context();
      const { data } = await client.GET('/api/operations/{id}', { params: { path: { id: operationId } } });
      if (data === undefined || data === null) throw new Error('The API returned no operation.');
      showOperation(output, options.wait === true ? await showUntilEnd(context(), data) : data);
    });
  return operations;
}
