import { execa } from 'execa';
import { StackError } from '../../stack-error.ts';

/** Folders of administration programs. A user's PATH often lacks them, and `sudo` may keep that PATH. */
const ADMIN_PATH = '/usr/local/sbin:/usr/sbin:/sbin';
/** These programs finish quickly. They take a minute only when another program holds a lock. */
const TIMEOUT_MS = 60_000;

/** Returns the PATH for programs that manage the machine. */
export function adminPath(): string {
  return `${process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'}:${ADMIN_PATH}`;
}

/**
 * Runs a program of the machine and waits until it exits.
 *
 * @returns its standard output.
 * @throws StackError with the command and its error output.
 */
export async function runHostCommand(
  program: string,
  args: readonly string[],
  options: { readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<string> {
  const result = await execa(program, args, {
    env: { PATH: adminPath(), LC_ALL: 'C' },
    extendEnv: false,
    reject: false,
    timeout: options.timeoutMs ?? TIMEOUT_MS,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  if (!result.failed) return result.stdout;
  const reason = result.stderr.trim() || (result.message ?? 'it printed no reason');
  throw new StackError(`"${[program, ...args].join(' ')}" failed: ${reason.slice(-600)}`, { cause: result.cause });
}
