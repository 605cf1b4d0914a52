import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { eventually } from '../../harness/eventually.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
/** Enough to find the address in, and to quote when a process does not start. */
const REMEMBERED_CHARS = 64 * 1024;
const START_DEADLINE_MS = 90_000;

/** A process of the platform, as users run it. */
export interface ManagedProcess {
  readonly pid: number;
  /** The first lines that it wrote. */
  readonly beginning: () => string;
  readonly hasEnded: () => boolean;
  /** Ends it and resolves when it is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Stops or continues it; the process is not told. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

export interface ProcessOptions {
  readonly kind: 'api' | 'worker';
  readonly env: Readonly<Record<string, string>>;
  /** All that it writes is added to this file. */
  readonly logFile: string;
  /** What it says once it does its work. */
  readonly saysWhenReady: string;
}

/** Starts a process and waits until it does its work. It dies with this process, however that dies. */
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
  if (pid === undefined) throw new Error(`the ${options.kind} process could not be started`);
  let beginning = '';
  let ended = false;
  void child.then(() => (ended = true));
  const log = createWriteStream(options.logFile, { flags: 'a' });
  child.all.on('data', (chunk: Buffer) => {
    if (beginning.length < REMEMBERED_CHARS) beginning += chunk.toString();
    log.write(chunk);
  });
  child.all.on('end', () => log.end());
  const managed: ManagedProcess = {
    pid,
    beginning: () => beginning,
    hasEnded: () => ended,
    kill: async (signal) => {
      child.kill(signal);
      await child;
    },
    signal: (signal) => void child.kill(signal),
  };
  try {
    await eventually(() => ended || beginning.includes(options.saysWhenReady), { deadlineMs: START_DEADLINE_MS });
    if (ended) throw new Error('it ended');
  } catch (error) {
    await managed.kill('SIGKILL');
    throw new Error(`the ${options.kind} process did not get to work: ${beginning.slice(-2_000)}`, { cause: error });
  }
  return managed;
}
