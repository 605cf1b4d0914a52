import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { timeLimit } from '../../domain/time-limit.ts';
import { endProcess, EndOptions, identityOf, isAlive, ProcessIdentity } from './process-identity.ts';
import { messageOf, StackError } from '../stack-error.ts';
import type { StateFolder } from './state-folder.ts';

/** A program of the stack and how to run it. */
export interface ProcessSpec {
  /** Names the log file and the process in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing of ours reaches the program unasked. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Run as another user; root only. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Returns when the program does its work, throws as long as it does not. One call should take at most seconds. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly readyDeadlineMs: number;
  readonly stop?: EndOptions;
}

export interface ProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
}

/** Starts programs, watches them, and stops them in reverse order. */
export interface Supervisor {
  /**
   * Starts a program and waits until it is ready.
   *
   * @throws StackError with the last lines of its log when it ends early or is not ready in time; AbortError when aborted.
   */
  start(spec: ProcessSpec, signal: AbortSignal): Promise<void>;
  /** Remembers something to do at the stop, in its turn: after what is started from now on, before what was started by now. */
  onStop(step: () => Promise<void>): void;
  readonly processes: () => readonly ProcessStatus[];
  /** Resolves with one sentence when a program that was ready ends without having been asked to. */
  readonly firstDeath: Promise<string>;
  /**
   * Stops all programs, last started first. Safe to call twice.
   *
   * @throws the first error of a step of `onStop`; everything was stopped nevertheless.
   */
  stopAll(): Promise<void>;
}

interface Running {
  readonly spec: ProcessSpec;
  /** Undefined when the program could not be started at all. */
  readonly identity: ProcessIdentity | undefined;
  readonly logFile: string;
  readonly ended: Promise<string>;
}

const DEFAULT_STOP: EndOptions = { signal: 'SIGTERM', graceMs: 10_000 };
const PROBE_INTERVAL_MS = 50;
const LOG_LINES_SHOWN = 12;

export function createSupervisor(folder: Pick<StateFolder, 'run' | 'logs'>): Supervisor {
  const running: (Running | (() => Promise<void>))[] = [];
  let stopping: Promise<void> | undefined;
  let announceDeath: (sentence: string) => void;
  const firstDeath = new Promise<string>((resolve) => (announceDeath = resolve));

  async function start(spec: ProcessSpec, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (stopping !== undefined) throw new Error(`${spec.name} is not started: the stack stops`);
    const entry = launch(spec, folder);
    running.push(entry);
    await waitUntilReady(entry, signal);
    void watch(entry);
  }

  async function watch({ spec, logFile, ended }: Running): Promise<void> {
    const how = await ended;
    if (stopping === undefined) announceDeath(`${spec.name} ${how} while it was needed.${lastLogLines(logFile)}`);
  }

  async function stopEach(): Promise<void> {
    const errors: unknown[] = [];
    for (let entry = running.at(-1); entry !== undefined; entry = running.at(-1)) {
      if (typeof entry === 'function') await entry().catch((error: unknown) => errors.push(error));
      else await stopProcess(entry, folder);
      running.splice(running.indexOf(entry), 1);
    }
    if (errors.length > 0) throw errors[0];
  }

  return {
    start,
    onStop: (step) => void running.push(step),
    firstDeath,
    processes: () =>
      running.flatMap((entry) =>
        typeof entry === 'function' || entry.identity === undefined
          ? []
          : [{ name: entry.spec.name, pid: entry.identity.pid, logFile: entry.logFile }],
      ),
    stopAll: () => (stopping ??= stopEach()),
  };
}

async function stopProcess({ spec, identity }: Running, folder: Pick<StateFolder, 'run'>): Promise<void> {
  if (identity !== undefined) await endProcess(identity, spec.stop ?? DEFAULT_STOP);
  rmSync(pidFile(folder.run, spec.name), { force: true });
}

/**
 * A session of its own for each program: Ctrl-C in the terminal reaches only us, and we stop the programs in our order.
 */
function launch(spec: ProcessSpec, folder: Pick<StateFolder, 'run' | 'logs'>): Running {
  const logFile = join(folder.logs, `${spec.name}.log`);
  if (statSync(logFile, { throwIfNoEntry: false }) !== undefined) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(spec.command, spec.args, {
      env: { ...spec.env },
      cwd: spec.cwd,
      detached: true,
      stdio: ['ignore', log, log],
      ...spec.owner,
    });
  } finally {
    closeSync(log);
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${messageOf(error)})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
    );
  });
  // Without a pid the start failed, and `ended` tells why.
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (identity !== undefined) writePidFile(folder.run, spec, identity);
  return { spec, identity, logFile, ended };
}

async function waitUntilReady(entry: Running, signal: AbortSignal): Promise<void> {
  const { spec, logFile } = entry;
  const deadline = Date.now() + spec.readyDeadlineMs;
  let end: string | undefined;
  void entry.ended.then((how) => (end = how));
  for (;;) {
    signal.throwIfAborted();
    if (end !== undefined) throw new StackError(`${spec.name} ${end} before it was ready.${lastLogLines(logFile)}`);
    try {
      await spec.probe(AbortSignal.any([signal, timeLimit(5_000)]));
      if (end === undefined) return;
    } catch (error) {
      signal.throwIfAborted();
      if (Date.now() >= deadline) {
        const seconds = Math.round(spec.readyDeadlineMs / 1_000);
        throw new StackError(
          `${spec.name} was not ready after ${seconds} s (${messageOf(error)}).${lastLogLines(logFile)}`,
          { cause: error },
        );
      }
      await delay(PROBE_INTERVAL_MS);
    }
  }
}

/** The end of a log, indented, ready to follow a sentence. */
export function lastLogLines(logFile: string): string {
  try {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
    return `\nLast lines of ${logFile}:\n${lines.map((line) => `  ${line.slice(0, 400)}`).join('\n')}`;
  } catch {
    return '';
  }
}

const PidFile = ProcessIdentity.extend({ name: z.string(), stop: EndOptions, startedAt: z.number() });
type PidFile = Readonly<z.output<typeof PidFile>>;

function pidFile(runFolder: string, name: string): string {
  return join(runFolder, `${name}.json`);
}

function writePidFile(runFolder: string, spec: ProcessSpec, identity: ProcessIdentity): void {
  const content: PidFile = { ...identity, name: spec.name, stop: spec.stop ?? DEFAULT_STOP, startedAt: Date.now() };
  writeFileSync(pidFile(runFolder, spec.name), JSON.stringify(content));
}

/**
 * Ends what an earlier run left behind when it was killed itself. Only processes that are provably those of the earlier run
 * are touched: pid and time of birth must both match. The caller holds the lock.
 *
 * @returns the names of what was ended.
 * @throws StackError when one can't be ended.
 */
export async function endLeftovers(folder: Pick<StateFolder, 'run'>): Promise<readonly string[]> {
  const files = readdirSync(folder.run).filter((file) => file.endsWith('.json'));
  const found = files.map((file) => readPidFile(join(folder.run, file))).filter((entry) => entry !== undefined);
  const ended: string[] = [];
  for (const entry of found.toSorted((a, b) => b.startedAt - a.startedAt)) {
    if (!isAlive(entry)) continue;
    if (!(await endProcess(entry, entry.stop))) {
      throw new StackError(
        `${entry.name} (process ${entry.pid}) is left from an earlier run and can't be ended: run "kill -9 ${entry.pid}".`,
      );
    }
    ended.push(entry.name);
  }
  for (const file of files) rmSync(join(folder.run, file), { force: true });
  return ended;
}

/** Undefined for a file that a crash left half-written: the process it was about is not known then. */
function readPidFile(path: string): PidFile | undefined {
  try {
    return PidFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
