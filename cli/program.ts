import { Command, CommanderError } from 'commander';
import { createStorePlatformClient } from '../client/index.ts';
import { adminCommands } from './commands/admin.ts';
import { applyCommand } from './commands/apply.ts';
import { loginCommands } from './commands/login.ts';
import { invitationCommands, memberCommands, tenantCommands } from './commands/members.ts';
import { operationCommands } from './commands/operations.ts';
import { storeCommands } from './commands/stores.ts';
import { serviceAccountCommands, tokenCommands } from './commands/tokens.ts';
import { addCompletion, isCompletion } from './completion.ts';
import { ConfigFile, type StoredLogin } from './config-file.ts';
import { webhookCommands } from './commands/webhooks.ts';
import type { CommandContext } from './context.ts';
import { describe, EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { Output, type Sink } from './output/output.ts';

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Sink;
  readonly err: Sink;
  readonly signal: AbortSignal;
  readonly ask: CommandContext['ask'];
  readonly openUrl: CommandContext['openUrl'];
}

const DEFAULT_URL = 'http://127.0.0.1:3001';

const EPILOGUE = `
Environment:
  STORE_PLATFORM_URL     address of the API (default: that of the login, or ${DEFAULT_URL})
  STORE_PLATFORM_TOKEN   API token (default: that of the login)
  STORE_PLATFORM_TENANT  tenant for which the command acts
  NO_COLOR               no colours

Exit codes:
  0 success    1 other error    2 wrong usage or invalid input    3 not authorized    4 not found
  5 conflict   6 limit reached  7 the operation failed            130 interrupted`;

interface GlobalOptions {
  readonly url?: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

function commandsOf(context: () => CommandContext): readonly Command[] {
  return [
    ...loginCommands(context),
    storeCommands(context),
    operationCommands(context),
    applyCommand(context),
    tenantCommands(context),
    memberCommands(context),
    invitationCommands(context),
    serviceAccountCommands(context),
    tokenCommands(context),
    webhookCommands(context),
    adminCommands(context),
  ];
}

/** Runs the command line. Returns the exit code; it throws nothing. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<number> {
  const { env, out, err, signal, ask, openUrl } = options;
  const config = new ConfigFile(env);
  let stored: StoredLogin | undefined;
  const program = new Command('store-platform')
    .description('Command line of the store platform')
    .option('--url <url>', 'address of the API', env['STORE_PLATFORM_URL'])
    .option('--tenant <tenant>', 'tenant for which the command acts', env['STORE_PLATFORM_TENANT'])
    .option('--json', 'write one JSON object per line to standard output')
    .addHelpText('after', EPILOGUE)
    .showHelpAfterError('Run the command with --help for its options.')
    .configureOutput({ writeOut: (text) => void out.write(text), writeErr: (text) => void err.write(text) })
    .exitOverride()
    .hook('preAction', async () => {
      stored = await config.read();
    });
  function context(): CommandContext {
    const { url = stored?.url ?? DEFAULT_URL, tenant, json = false } = program.opts<GlobalOptions>();
    const output = new Output({ out, err, isJson: json });
    const givenToken = env['STORE_PLATFORM_TOKEN'] || undefined;
    // A token goes to the API that issued it, and to no other address.
    const login = givenToken === undefined && stored?.url === url ? stored : undefined;
    const token = givenToken ?? login?.token;
    const api = { baseUrl: url, token, tenant };
    const client = createStorePlatformClient({ ...api, fetch: (request) => fetch(request, { signal }) });
    const uninterruptedClient = createStorePlatformClient(api);
    return { client, uninterruptedClient, output, url, config, login, signal, ask, openUrl };
  }
  for (const command of commandsOf(context)) program.addCommand(command);
  if (isCompletion(args)) await addCompletion(program);
  inherit(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT_CODES.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    if (signal.aborted) return EXIT_CODES.interrupted;
    for (const line of describe(error)) err.write(`${line}\n`);
    return exitCodeOf(error);
  }
}

/** Commands that are added as objects do not inherit the settings of their parent. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inherit(command);
  }
}
