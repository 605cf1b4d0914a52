import { parseArgs } from 'node:util';
import { describeSettings } from '../config/index.ts';
import { stateDirOf } from '../config/stack-env.ts';
import { describePorts } from './processes/ports.ts';
import { resetCommand } from './cli/reset-command.ts';
import { simulatedNodes } from './services/kwok.ts';
import { runCommand } from './cli/run-command.ts';
import { uselessOption } from './cli/useless-option.ts';
import type { NodeProvider, TemporalProvider } from './service.ts';
import { devServer, temporalCluster } from './services/temporal-servers.ts';
import { messageOf, StackError, systemCode } from './stack-error.ts';

const USAGE = `usage: node --import tsx temporal-dev/main.ts start | stack | reset   [--cluster simulated | node] [--https] [--in-pods] [--temporal dev | cluster] [--traces] [--prometheus]

  start   Start Postgres, Temporal, Kubernetes, the API and a worker   (npm start)
  stack   Start Postgres, Temporal and Kubernetes only                 (npm run stack)
  reset   Delete the state of the local stack                          (npm run reset)

  --cluster simulated   Report pods as ready without running containers (default)
  --cluster node        Run pods on this machine; needs Linux and root   (npm start -- --cluster node)
  --https               Serve the stores of the real node over https   (npm start -- --cluster node --https)
  --in-pods             Prepare the real node for the chart of the platform   (npm run stack -- --cluster node --in-pods)
  --temporal dev        Run Temporal's development server (default)
  --temporal cluster    Run two nodes of the Temporal server on the stack's Postgres   (npm start -- --temporal cluster)
  --traces              Record traces and start Zipkin, which shows them; needs Java 17   (npm start -- --traces)
  --prometheus          Start Prometheus, which scrapes API and worker, and a page with the dashboards   (npm start -- --prometheus)

The stack does not start a service that the environment names; the platform then uses the named service. DATABASE_URL or
DB_HOST names Postgres, TEMPORAL_ADDRESS or TEMPORAL_PROFILE names Temporal, KUBE_CONTEXT names a cluster.
STORE_PLATFORM_STATE is the path of the state folder (default: .state in the repository).
`;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function usage(): string {
  const settings = [...describeSettings(), ...describePorts()];
  const width = Math.max(...settings.map(({ name }) => name.length));
  return `${USAGE}\nSettings:\n${settings.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`).join('\n')}\n`;
}

/** Returns undefined for an unknown value. Loads the code of the real node only on request, because it loads slowly. */
async function nodeProviderFor(
  cluster: string,
  { https, inPods }: { readonly https: boolean; readonly inPods: boolean },
): Promise<NodeProvider | undefined> {
  if (cluster === simulatedNodes.name) return simulatedNodes;
  if (cluster !== 'node') return undefined;
  const [{ realNode }, { defaultImagesFolder }] = await Promise.all([
    import('./node/start-node.ts'),
    import('./node/store-images.ts'),
  ]);
  return realNode({ imagesFolder: defaultImagesFolder(process.env), https, platformInPods: inPods });
}

const TEMPORAL_SERVERS: readonly TemporalProvider[] = [devServer, temporalCluster];

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      cluster: { type: 'string', default: simulatedNodes.name },
      https: { type: 'boolean', default: false },
      'in-pods': { type: 'boolean', default: false },
      temporal: { type: 'string', default: devServer.name },
      traces: { type: 'boolean', default: false },
      prometheus: { type: 'boolean', default: false },
    },
  });
  const [command, ...rest] = positionals;
  const { https, 'in-pods': inPods, traces, prometheus } = values;
  const nodes = await nodeProviderFor(values.cluster, { https, inPods });
  const temporal = TEMPORAL_SERVERS.find(({ name }) => name === values.temporal);
  if (values.help === true) {
    process.stdout.write(usage());
    return 0;
  }
  const useless = uselessOption({ https, inPods, command, isSimulated: nodes === simulatedNodes });
  if (rest.length === 0 && nodes !== undefined && temporal !== undefined && useless === undefined) {
    const options = { env: process.env, nodes, temporal, inPods, traces, prometheus, print };
    if (command === 'start') return runCommand({ ...options, what: 'platform' });
    if (command === 'stack') return runCommand({ ...options, what: 'services' });
    if (command === 'reset') {
      await resetCommand(stateDirOf(process.env), print);
      return 0;
    }
  }
  const unknownValue =
    (nodes === undefined && `Unknown value "${values.cluster}" for --cluster: use simulated or node.`) ||
    (temporal === undefined && `Unknown value "${values.temporal}" for --temporal: use dev or cluster.`);
  const problem = unknownValue || (useless ?? commandProblem(command, rest));
  process.stderr.write(`${problem}\n\n${USAGE}`);
  return 2;
}

function commandProblem(command: string | undefined, rest: readonly string[]): string {
  if (command === undefined) return 'The command is missing: use start, stack or reset.';
  if (rest.length > 0) return `Unexpected argument "${rest[0]}" after "${command}": remove it.`;
  return `Unknown command "${command}": use start, stack or reset.`;
}

// Without these handlers a closed terminal would end this process before it stops the services.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUserError = error instanceof StackError || (systemCode(error) ?? '').startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${isUserError || !(error instanceof Error) ? messageOf(error) : error.stack}\n`);
  process.exitCode = 1;
}
// All services are stopped. Idle client connections must not delay the exit.
process.exit();
