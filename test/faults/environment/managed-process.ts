import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { eventually } from '../../harness/eventually.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
/** Enough to find the address of the API, and to quote the output when a process does not start. */
const KEPT_CHARS = 64 * 1024;
const START_DEADLINE_MS = 90_000;

/** A process of the platform, started with the same entry point as in production. */
export interface ManagedProcess {
  readonly pid: number;
  /** Returns the first 64 KiB of the output. */
  readonly firstOutput: () => string;
  readonly hasEnded: () => boolean;
  /** Sends the signal and resolves when the process has ended. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Stops or continues the process. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

export interface ProcessOptions {
  readonly kind: 'api' | 'worker';
  readonly env: Readonly<Record<string, string>>;
  /** The output is appended to this file. */
  readonly logFile: string;
  /** The output contains this text when the process is ready. */
  readonly readyText: string;
}

/**
 * Starts a process and waits until it is ready. The kernel kills it when this process ends, even after a SIGKILL.
 *
 * @throws Error with the output of the process when it does not become ready.
 */
export async function startManaged(options: ProcessOptions): Promise<ManagedProcess> {
  const command = [process.execPath, '--import', 'tsx', 'test/faults/preload/process-entry.ts', options.kind];
  const child = execa('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    cwd: REPOSITORY,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env },
    extendEnv: false,
    reject: false,
    all: true,
    buffer: false,
    stdin: 'ignore',
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start the ${options.kind} process`);
  let firstOutput = '';
  let ended = false;
  void child.then(() => (ended = true));
  const log = createWriteStream(options.logFile, { flags: 'a' });
  child.all.on('data', (chunk: Buffer) => {
    if (firstOutput.length < KEPT_CHARS) firstOutput += chunk.toString();
    log.write(chunk);
  });
  child.all.on('end', () => log.end());
  const managed: ManagedProcess = {
    pid,
    firstOutput: () => firstOutput,
    hasEnded: () => ended,
    kill: async (signal) => {
      child.kill(signal);
      await child;
    },
    signal: (signal) => void child.kill(signal),
  };
  try {
    await eventually(() => ended || firstOutput.includes(options.readyText), { deadlineMs: START_DEADLINE_MS });
    if (ended) throw new Error('the process ended');
  } catch (error) {
    await managed.kill('SIGKILL');
    throw new Error(`the ${options.kind} process did not become ready; output: ${firstOutput.slice(-2_000)}`, {
      cause: error,
    });
  }
  return managed;
}
