import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ProgramFailed } from './exit-codes.ts';

/** Exit codes as in a shell: of a program that cannot be started, and, with the number of the signal, of one that a signal ended. */
const NOT_STARTED = 127;
const SIGNALLED = 128;

/**
 * Runs a program with the standard streams of this process and waits until it has ended. Ctrl-C reaches the program too,
 * because it is in the same process group.
 *
 * @throws ProgramFailed if the program cannot be started, or does not end with 0.
 */
export async function runInherited(command: string, args: readonly string[]): Promise<void> {
  const failure = await new Promise<ProgramFailed | undefined>((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.once('error', (error) =>
      resolve(new ProgramFailed(`${command} cannot be started: ${error.message}`, NOT_STARTED)),
    );
    child.once('exit', (code, signal) => resolve(failureOf(command, code, signal)));
  });
  if (failure !== undefined) throw failure;
}

function failureOf(command: string, code: number | null, signal: NodeJS.Signals | null): ProgramFailed | undefined {
  if (code === 0) return undefined;
  if (signal !== null) return new ProgramFailed(`${command} was ended by ${signal}.`, SIGNALLED + signalNumber(signal));
  return new ProgramFailed(`${command} ended with exit code ${code}.`, code ?? 1);
}

function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal];
}
