import type { Command } from 'commander';

/** Whether the arguments ask for shell completion. Everything else starts without its module. */
export function isCompletion([command]: readonly string[]): boolean {
  return command === 'completion' || command === 'complete';
}

/** Adds the commands `completion`, which prints the script of a shell, and the hidden `complete`, which the script calls. */
export async function addCompletion(program: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(program, { completionCommandName: 'completion' });
}
