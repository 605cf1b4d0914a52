import { execa } from 'execa';
import { StackError } from '../../stack-error.ts';

/** Administrators' programs lie here; the PATH of a plain user's shell often lacks them, and `sudo` may keep it. */
const ADMIN_PATH = '/usr/local/sbin:/usr/sbin:/sbin';
/** These programs answer at once; a minute passes only when something on the machine holds a lock. */
const TIMEOUT_MS = 60_000;

/** PATH for programs that manage the machine. */
export function adminPath(): string {
  return `${process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'}:${ADMIN_PATH}`;
}

/**
 * Runs a program of the machine to its end.
 *
 * @returns what it printed.
 * @throws StackError with what it complained about.
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
  const complaint = result.stderr.trim() || (result.message ?? 'it did not say why');
  throw new StackError(`"${[program, ...args].join(' ')}" failed: ${complaint.slice(-600)}`, { cause: result.cause });
}
