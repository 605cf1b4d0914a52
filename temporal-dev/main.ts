import { parseArgs } from 'node:util';
import { describeSettings } from '../config/index.ts';
import { stateDirOf } from '../config/stack-env.ts';
import { describePorts } from './processes/ports.ts';
import { resetCommand } from './cli/reset-command.ts';
import { simulatedNodes } from './services/kwok.ts';
import { runCommand } from './cli/run-command.ts';
import type { NodeProvider } from './service.ts';
import { messageOf, StackError, systemCode } from './stack-error.ts';

const USAGE = `usage: node --import tsx temporal-dev/main.ts start | stack | reset   [--cluster simulated | node]

  start   Postgres, Temporal, Kubernetes, the API and a worker   (npm start)
  stack   Postgres, Temporal and Kubernetes only                 (npm run stack)
  reset   throw the state of all of them away                    (npm run reset)

  --cluster simulated   pods are reported ready, but nothing runs in them (the default)
  --cluster node        pods run on this machine: Linux, as root         (npm start -- --cluster node)

What the environment gives is used; only what it does not give is started: DATABASE_URL or DB_HOST, TEMPORAL_ADDRESS or
TEMPORAL_PROFILE, KUBE_CONTEXT. STORE_PLATFORM_STATE is the folder that keeps the state (.state).
`;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function usage(): string {
  const settings = [...describeSettings(), ...describePorts()];
  const width = Math.max(...settings.map(({ name }) => name.length));
  return `${USAGE}\nSettings:\n${settings.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`).join('\n')}\n`;
}

/** A real node's parts are only loaded when they are asked for. */
async function nodesFor(cluster: string): Promise<NodeProvider | undefined> {
  if (cluster === simulatedNodes.name) return simulatedNodes;
  if (cluster !== 'node') return undefined;
  const [{ realNode }, { defaultImagesFolder }] = await Promise.all([
    import('./node/start-node.ts'),
    import('./node/store-images.ts'),
  ]);
  return realNode({ imagesFolder: defaultImagesFolder(process.env) });
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, cluster: { type: 'string', default: simulatedNodes.name } },
  });
  const [command, ...rest] = positionals;
  const nodes = await nodesFor(values.cluster);
  if (values.help === true) {
    process.stdout.write(usage());
    return 0;
  }
  if (rest.length === 0 && nodes !== undefined) {
    if (command === 'start') return runCommand({ env: process.env, what: 'platform', nodes, print });
    if (command === 'stack') return runCommand({ env: process.env, what: 'services', nodes, print });
    if (command === 'reset') {
      await resetCommand(stateDirOf(process.env), print);
      return 0;
    }
  }
  process.stderr.write(USAGE);
  return 2;
}

// A closed terminal must not keep us from stopping what was started.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const known = error instanceof StackError || (systemCode(error) ?? '').startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${known || !(error instanceof Error) ? messageOf(error) : error.stack}\n`);
  process.exitCode = 1;
}
// Everything is stopped; idle connections of clients must not delay the end.
process.exit();
