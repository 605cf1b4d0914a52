import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CrashPoint } from './crash-point.ts';
import type { WorkerOrder, WorkerSettings } from './sides.ts';

const MAIN = fileURLToPath(new URL('./worker-main.ts', import.meta.url));
const START_DEADLINE_MS = 60_000;
const ANSWER_DEADLINE_MS = 10_000;

/** A worker process of one side. */
export interface WorkerProcess {
  /** Lets it work; resolves when it polls. */
  work(): Promise<void>;
  /** Makes it die at that point. */
  arm(point: CrashPoint): Promise<void>;
  /** Resolves when it has killed itself. @throws when it ended otherwise, or is still there after `deadlineMs`. */
  gone(deadlineMs: number): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a worker that has loaded all it needs, and does nothing yet. */
export async function startWorkerProcess(settings: WorkerSettings): Promise<WorkerProcess> {
  const child = fork(MAIN, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, BENCH_WORKER: JSON.stringify(settings) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  await answer(child, 'loaded', START_DEADLINE_MS);

  async function gone(deadlineMs: number): Promise<void> {
    const timer = new AbortController();
    const late = once(timer.signal, 'abort').then(() => {
      throw new Error(`the worker was still there after ${deadlineMs} ms: it never came to its crash point`);
    });
    const timeout = setTimeout(() => timer.abort(), deadlineMs);
    try {
      const [code, signal] = (await Promise.race([exited, late])) as [number | null, NodeJS.Signals | null];
      // Somebody else's kill must not pass for the crash that the case is about.
      if (signal !== 'SIGKILL')
        throw new Error(`the worker ended by ${signal ?? `code ${code}`}, not at its crash point`);
    } finally {
      clearTimeout(timeout);
    }
  }

  async function order(message: WorkerOrder, word: string, deadlineMs: number): Promise<void> {
    const answered = answer(child, word, deadlineMs);
    child.send(message);
    await answered;
  }

  return {
    work: () => order({ kind: 'work' }, 'polling', START_DEADLINE_MS),
    arm: (point) => order({ kind: 'arm', point }, 'armed', ANSWER_DEADLINE_MS),
    gone,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function answer(child: ChildProcess, word: string, deadlineMs: number): Promise<void> {
  const stop = new AbortController();
  const timeout = setTimeout(() => stop.abort(), deadlineMs);
  const { signal } = stop;
  try {
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error(`a worker ended before it said "${word}"`);
    });
    await Promise.race([once(child, 'message', { signal }), ended]);
  } finally {
    clearTimeout(timeout);
    stop.abort();
  }
}
