import { parseArgs } from 'node:util';
import { describeSettings } from '../config/index.ts';
import { stateDirOf } from '../config/stack-env.ts';
import { describePorts } from './ports.ts';
import { resetCommand } from './reset-command.ts';
import { runCommand } from './run-command.ts';
import { messageOf, StackError } from './stack-error.ts';

const USAGE = `usage: node --import tsx temporal-dev/main.ts start | stack | reset

  start   Postgres, Temporal, Kubernetes, the API and a worker   (npm start)
  stack   Postgres, Temporal and Kubernetes only                 (npm run stack)
  reset   throw the state of all of them away                    (npm run reset)

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

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  const [command, ...rest] = positionals;
  if (values.help === true) {
    process.stdout.write(usage());
    return 0;
  }
  if (rest.length === 0) {
    if (command === 'start') return runCommand({ env: process.env, what: 'platform', print });
    if (command === 'stack') return runCommand({ env: process.env, what: 'services', print });
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
  const known = error instanceof StackError;
  process.stderr.write(`${known || !(error instanceof Error) ? messageOf(error) : error.stack}\n`);
  process.exitCode = 1;
}
// Everything is stopped; idle connections of clients must not delay the end.
process.exit();
