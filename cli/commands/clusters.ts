import { Command, InvalidArgumentError, Option } from 'commander';
import type { components } from '../../client/schema.d.ts';
import type { CommandContext } from '../context.ts';
import { dataOf, showRow, showRows, type Columns } from './show-rows.ts';

type Cluster = components['schemas']['Cluster'];
type Labels = Readonly<Record<string, string>>;

const STATUSES = { ready: true, cordoned: true, draining: true } as const satisfies Record<Cluster['status'], true>;
const NO_LIMIT = 'none';

const CLUSTER: Columns<Cluster> = {
  NAME: ({ name }) => name,
  STATUS: ({ status }) => status,
  STORES: ({ residentStores }) => residentStores.toString(),
  CAPACITY: ({ capacity }) => capacity?.toString() ?? null,
  REACHABLE: ({ isReachable }) => (isReachable ? 'yes' : 'no'),
  LABELS: ({ labels }) =>
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(', '),
  ADDRESS: ({ address }) => address,
};

interface Settings {
  readonly capacity?: number | typeof NO_LIMIT;
  readonly label?: Labels;
  readonly kubeconfigRef?: string;
}

/** Creates the commands that list, add and change clusters. */
export function clusterCommands(context: () => CommandContext): Command {
  const clusters = new Command('clusters').description('the clusters of the stores');
  clusters
    .command('list')
    .description('list the clusters, and whether they accept new stores')
    .action(async () => {
      const { client, output } = context();
      await showRows(output, dataOf(await client.GET('/api/admin/clusters')).data, CLUSTER);
    });
  withSettings(clusters.command('add'))
    .description('add a cluster before its workers exist')
    .argument('<cluster>', 'CLUSTER_NAME of its workers, such as eu-1')
    .action(async (name: string, settings: Settings) => {
      const { client, output } = context();
      const body = { name, ...fieldsOf(settings) };
      showRow(output, dataOf(await client.POST('/api/admin/clusters', { body })), CLUSTER);
    });
  withSettings(clusters.command('set'))
    .description('cordon or drain a cluster, or change its settings. Labels replace all labels')
    .argument('<cluster>', 'name of the cluster')
    .addOption(new Option('--status <status>', 'whether it accepts new stores').choices(Object.keys(STATUSES)))
    .action(async (name: string, { status, ...settings }: { readonly status?: Cluster['status'] } & Settings) => {
      const { client, output } = context();
      const body = { ...fieldsOf(settings), ...(status === undefined ? {} : { status }) };
      const changed = await client.PATCH('/api/admin/clusters/{name}', { params: { path: { name } }, body });
      showRow(output, dataOf(changed), CLUSTER);
    });
  return clusters;
}

function withSettings(command: Command): Command {
  return command
    .option('--capacity <number>', `largest number of stores, or "${NO_LIMIT}"`, capacityOf)
    .option('--label <key=value>', 'a label, such as region=eu. Can be repeated', clusterLabel)
    .option('--kubeconfig-ref <name>', 'note: the Secret or file with the kubeconfig of its workers');
}

/** Returns the fields of a request, with null for a limit that is removed. */
function fieldsOf({ capacity: limit, label, kubeconfigRef }: Settings) {
  return {
    ...(limit === undefined ? {} : { capacity: limit === NO_LIMIT ? null : limit }),
    ...(label === undefined ? {} : { labels: { ...label } }),
    ...(kubeconfigRef === undefined ? {} : { kubeconfigRef }),
  };
}

/** Reads a capacity. Commander does not allow null. */
function capacityOf(text: string): number | typeof NO_LIMIT {
  if (text === NO_LIMIT) return NO_LIMIT;
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError(`Give a whole number, or "${NO_LIMIT}".`);
  return Number(text);
}

/** Adds a label to those that were read before. */
export function clusterLabel(text: string, labels: Labels = {}): Labels {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('Give a label as key=value.');
  return { ...labels, [key]: value };
}
